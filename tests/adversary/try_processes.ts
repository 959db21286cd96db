import { join } from "node:path";
import { fromFileUrl } from "../../support/paths.ts";
import { taskProcess } from "../e2e/cli.ts";
import { leaveCase, prepareCase } from "./case_folder.ts";
import { type Attempt, failureOf } from "./case.ts";
import { allCases } from "./cases/all.ts";
import { copyWorld } from "./copy_world.ts";
import type { CaseOutcome } from "./try_cases.ts";
import { type Death, watchProcess } from "./watched_child.ts";
import { CASE } from "./world.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));

/** Runs cases as users do: each in a process of its own, with the permissions of its task. */
export async function tryProcesses(
  { world, folder, seed, numbers, lanes }: {
    readonly world: string;
    readonly folder: string;
    readonly seed: number;
    readonly numbers: readonly number[];
    readonly lanes: number;
  },
): Promise<CaseOutcome[]> {
  const cases = allCases(seed);
  const outcomes: CaseOutcome[] = [];
  let next = 0;
  const work = async (lane: number) => {
    const root = join(folder, `lane-${lane}`);
    copyWorld(world, root);
    while (next < numbers.length) {
      const number = numbers[next++];
      const attempted = cases[number];
      const before = prepareCase(root, attempted);
      const { attempt, peakBytes } = await run(join(root, CASE), attempted.args);
      const touched = leaveCase(root, attempted, before);
      const whole = "death" in attempt ? attempt : { ...attempt, touched };
      const failure = "death" in whole ? whole.death : failureOf(attempted, whole);
      outcomes.push({ number, attempted, attempt: whole, peakBytes, failure });
      if (failure !== null) copyWorld(world, root);
    }
  };
  await Promise.all(Array.from({ length: lanes }, (_, lane) => work(lane)));
  return outcomes.sort((a, b) => a.number - b.number);
}

/** Whether a case can be a process's arguments, which hold no NUL, and whose command is a task. */
export function isProcess(args: readonly string[]): boolean {
  const { tasks } = JSON.parse(Deno.readTextFileSync(join(ROOT, "deno.json")));
  return Object.hasOwn(tasks, args[0] ?? "") && args.every((arg) => !arg.includes("\0") && arg.isWellFormed());
}

async function run(
  cwd: string,
  [task, ...args]: readonly string[],
): Promise<{ readonly attempt: Omit<Attempt, "touched"> | Death; readonly peakBytes: number }> {
  const process = taskProcess(task, args);
  const child = new Deno.Command(Deno.execPath(), {
    args: process.args.flatMap((arg) =>
      arg === "main.ts" ? ["--config", join(ROOT, "deno.json"), join(ROOT, arg)] : [arg]
    ),
    cwd,
    env: { ...process.env, NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const watch = watchProcess(child.pid);
  const output = child.output();
  const ended = await Promise.race([output, watch.exceeded]);
  const peakBytes = watch.stop();
  if ("death" in ended) {
    child.kill("SIGKILL");
    await output;
    return { attempt: ended, peakBytes };
  }
  if (ended.signal) return { attempt: { death: "signal", detail: ended.signal }, peakBytes };
  const [stdout, stderr] = [ended.stdout, ended.stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { attempt: { code: ended.code, stdout, stderr, thrown: null }, peakBytes };
}
