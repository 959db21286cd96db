import type { IndexingStep } from "../eval/results/schema.ts";
import { notAvailable } from "../support/errors.ts";
import { fromFileUrl } from "../support/paths.ts";

/** What every benchmark takes. */
export interface BenchOptions {
  readonly dataset: string;
  readonly store: string;
  readonly threads: number;
  readonly rounds: number;
  readonly sample: number;
  /** Encoder SPECs to compare. */
  readonly encoders: readonly string[];
  /** Batch sizes to compare. */
  readonly batches: readonly number[];
  /** Size of the file to read. */
  readonly gigabytes: number;
  /** What engines are compared at. */
  readonly task: "exhaustive" | "plaid";
  /** Parts of the names of the engines that are compared; none for all. */
  readonly engines: readonly string[];
  /** Numbers of passages to compare. */
  readonly sizes: readonly number[];
  /** A tenth of the passages. */
  readonly quick: boolean;
  /** Judgements over which a run is made up. */
  readonly qrels: string;
  /** Takes the indexing figure's bars, where they are to be kept. */
  readonly record?: (steps: readonly IndexingStep[]) => void;
}

/**
 * Runs one of the Python scripts of this folder with its pinned packages (`uv run`), and returns what it prints.
 *
 * @param threads OpenMP and BLAS threads
 * @param requirements the file that pins its packages
 * @throws {LatebenchError} exit code 4 where uv is missing or the script fails
 */
export async function runPython(
  script: string,
  job: unknown,
  threads: number,
  requirements = "requirements.txt",
): Promise<unknown> {
  const file = (name: string) => fromFileUrl(new URL(`./python/${name}`, import.meta.url));
  const args = ["run", "--no-project", "--quiet", "--with-requirements", file(requirements), file(script)];
  const count = String(threads);
  const env = { OMP_NUM_THREADS: count, OPENBLAS_NUM_THREADS: count, ORT_DISABLE_TELEMETRY: "1" };
  return await runJob("uv", args, env, job, script);
}

/**
 * Runs a program that reads a job as JSON and prints its answer as JSON.
 *
 * @param name what failed, for the message
 * @throws {LatebenchError} exit code 4 where the program is missing or fails
 */
export async function runJob(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
  job: unknown,
  name: string,
): Promise<unknown> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, {
      args: [...args],
      env,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    throw notAvailable(`${program} is not installed: this part of the benchmark cannot run`, error);
  }
  const input = child.stdin.getWriter();
  await input.write(new TextEncoder().encode(JSON.stringify(job)));
  await input.close();
  const { success, stdout, stderr } = await child.output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!success) throw notAvailable(`${name}: ${decode(stderr).trim().split("\n").at(-1)}`);
  return JSON.parse(decode(stdout));
}
