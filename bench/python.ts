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
  /** Judgements over which a run is made up. */
  readonly qrels: string;
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
  const count = String(threads);
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command("uv", {
      args: ["run", "--no-project", "--quiet", "--with-requirements", file(requirements), file(script)],
      env: { OMP_NUM_THREADS: count, OPENBLAS_NUM_THREADS: count },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    throw notAvailable("uv is not installed: the Python side of the benchmark cannot run", error);
  }
  const input = child.stdin.getWriter();
  await input.write(new TextEncoder().encode(JSON.stringify(job)));
  await input.close();
  const { success, stdout, stderr } = await child.output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!success) throw notAvailable(`${script}: ${decode(stderr).trim().split("\n").at(-1)}`);
  return JSON.parse(decode(stdout));
}
