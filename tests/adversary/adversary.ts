import { join } from "node:path";
import { fromFileUrl } from "../../support/paths.ts";
import { withCompiled } from "../fixtures/store.ts";
import { allCases } from "./cases/all.ts";
import { type MutantOutcome, tryMutants } from "./indexes/try_mutants.ts";
import { type CaseOutcome, tryCases } from "./try_cases.ts";
import { isProcess, tryProcesses } from "./try_processes.ts";

/** How much of everything is tried. */
export interface Extent {
  readonly seed: number;
  /** One case in so many, within one process. */
  readonly everyCase: number;
  /** One case in so many, each in a process of its own. */
  readonly everyProcess: number;
  /** Mutated indexes. */
  readonly mutants: number;
  readonly lanes: number;
}

/** What came of it all. */
export interface Outcomes {
  readonly cases: readonly CaseOutcome[];
  readonly processes: readonly CaseOutcome[];
  readonly mutants: readonly MutantOutcome[];
}

/** Attacks the program in a folder. Everything that is tried is the same for the same extent. */
export async function attack(
  folder: string,
  { seed, everyCase, everyProcess, mutants, lanes }: Extent,
  tell?: (outcome: CaseOutcome | MutantOutcome) => void,
): Promise<Outcomes> {
  const store = withCompiled(join(folder, "store"));
  const [world, honest] = [join(folder, "world"), join(folder, "honest")];
  for (const made of [world, honest, join(folder, "lanes"), join(folder, "mutants")]) Deno.mkdirSync(made);
  await build("world.ts", world, store);
  await build("indexes/build_variants.ts", honest, store);
  const all = allCases(seed);
  const numbers = all.map((_, number) => number);
  const some = (every: number, first = 0) => numbers.filter((number) => number % every === first % every);
  const lane = join(folder, "lanes");
  // Cases know the store as `../../store`.
  Deno.symlinkSync(store, join(lane, "store"));
  const cases = await tryCases({ world, folder: lane, seed, numbers: some(everyCase), lanes, tell });
  const processes = await tryProcesses({
    ...{ world, folder: lane, seed, lanes },
    numbers: some(everyProcess, Math.floor(everyProcess / 2)).filter((number) => isProcess(all[number].args)),
  });
  const seeds = Array.from({ length: mutants }, (_, i) => seed * 1_000_000 + i);
  const found = await tryMutants({ honest, store, folder: join(folder, "mutants"), seeds, lanes, tell });
  return { cases, processes, mutants: found };
}

/** Runs one of the modules that make what is attacked: in a process of its own, for they load encoders. */
async function build(module: string, folder: string, store: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", fromFileUrl(new URL(module, import.meta.url)), folder, store],
  }).output();
  if (!success) throw new Error(`${module}: ${new TextDecoder().decode(stderr)}`);
}
