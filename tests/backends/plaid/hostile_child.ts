import { join } from "node:path";
import { exportPlaid } from "../../../backends/plaid/foreign/export_index.ts";
import { plaid } from "../../../backends/plaid/plaid.ts";
import { compactPlaid } from "../../../backends/plaid/update/update.ts";
import { plaidChecks } from "../../../backends/plaid/verify_index.ts";
import { VARIANTS } from "../../../backends/plaid/search/plan.ts";
import { LatebenchError } from "../../../support/errors.ts";
import { clusteredQuery } from "../../fixtures/random_embeddings.ts";
import { copyFolder, type HostileTask, type HostileVariant, hostileVariants, mutations } from "./hostile.ts";

/*
 * Makes hostile indexes and uses each in every way, in a process of its own that may die of it. Prints the number of each variant before
 * anything is done with it, then what came of it.
 */

/** What came of one variant. */
export interface HostileResult {
  readonly name: string;
  /** Uses that ended with one line. */
  readonly refused: readonly string[];
  /** Errors that are no single line, and answers that are none. */
  readonly wrong: readonly string[];
  /** Milliseconds, and the largest memory of the process so far, bytes. */
  readonly ms: number;
  readonly memory: number;
}

const [task] = Deno.args.map((text): HostileTask => JSON.parse(text));
const encoder = new TextEncoder();
const say = (value: unknown) => Deno.stdout.writeSync(encoder.encode(`${JSON.stringify(value)}\n`));

const variants: readonly HostileVariant[] = task.seed === undefined
  ? hostileVariants()
  : [...mutations(1 + Math.max(...task.numbers), task.seed)];
const query = { id: "q", text: "", matrix: clusteredQuery(9, task.dim, 40, 3) };
for (const i of task.numbers) {
  say(i);
  const folder = join(task.room, `${i}`);
  copyFolder(task.index, folder);
  variants[i].make(folder);
  const from = performance.now();
  const { refused, wrong } = await useIndex(folder, i);
  const ms = Math.round(performance.now() - from);
  say({ name: variants[i].name, refused, wrong, ms, memory: peakMemory() } satisfies HostileResult);
  Deno.removeSync(folder, { recursive: true });
}

/** Opens, searches, verifies, exports and compacts an index. */
async function useIndex(folder: string, i: number): Promise<Pick<HostileResult, "refused" | "wrong">> {
  const { kernel } = task;
  const refused: string[] = [];
  const wrong: string[] = [];
  const attempt = async (name: string, act: () => unknown) => {
    try {
      await act();
    } catch (error) {
      const line = error instanceof LatebenchError && !error.message.includes("\n");
      if (line) refused.push(name);
      else wrong.push(`${name}: ${error instanceof Error ? error.stack : error}`);
    }
  };
  const open = () => Promise.reject(new Error("not asked for"));
  // Without a store nothing is noted of verified files, which waits for the disk each time.
  const context = { threads: 1, kernel, store: undefined as unknown as string, quiet: true, open };
  const all = Object.keys(VARIANTS);
  for (const variant of task.thorough ? all : ["int8", all[i % all.length]]) {
    // What does not open for the first ones does not open for the others.
    if (refused.length === 2) break;
    await attempt(`search ${variant}`, async () => {
      const options = plaid.options.parse({ variant, ncells: 2, nbits: undefined });
      await using index = await plaid.open(folder, options, context);
      for (const k of [5, 1000]) {
        const { ids, scores } = await index.search(query, k);
        if (ids.some((id) => typeof id !== "string")) wrong.push(`${variant}: ${ids.length} ids that are none`);
        if (!scores.every(Number.isFinite)) wrong.push(`${variant}: scores ${scores.slice(0, 3)}`);
        if (k > 5) continue;
        await index.rerank(query, ids);
        await index.trace!(query, k, ids);
        if (ids.length > 0) await index.interactions!(query, ids[0]);
        await index.search(query, k, { where: (metadata) => metadata.year !== 1 });
      }
      index.footprint();
    });
  }
  await attempt("verify", () => {
    for (const { run } of plaidChecks(folder)) run();
  });
  await attempt("export", () => exportPlaid(folder, join(task.room, "exported"), "fast-plaid"));
  await attempt("compact", () => compactPlaid(folder));
  return { refused, wrong };
}

/** The most memory that this process ever had, bytes. */
function peakMemory(): number {
  try {
    return 1024 * Number(/VmHWM:\s*(\d+)/.exec(Deno.readTextFileSync("/proc/self/status"))?.[1] ?? 0);
  } catch {
    return Deno.memoryUsage().rss;
  }
}
