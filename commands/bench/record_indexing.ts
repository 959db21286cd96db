import { join } from "node:path";
import { RESULTS_FILE } from "../../eval/results/read.ts";
import { type IndexingStep, type Results, RESULTS_VERSION } from "../../eval/results/schema.ts";
import { writeJson } from "../../support/atomic_write.ts";
import { watchEnvironment } from "../eval/environment.ts";

/**
 * Keeps the bars of `bench indexing` as a results file, with the machine that they were measured on.
 *
 * @param out folder of the results
 * @param command arguments that make the file again
 */
export async function indexingRecorder(
  out: string,
  threads: number,
  command: readonly string[],
): Promise<(steps: readonly IndexingStep[]) => void> {
  const environment = await watchEnvironment(threads);
  return (steps) => {
    const results: Results = {
      format: "latebench-results",
      version: RESULTS_VERSION,
      command: [...command],
      environment: environment.finish({}),
      encoder: null,
      datasets: [],
      cells: [],
      failures: [],
      latency_ratios: [],
      indexing: [...steps],
    };
    writeJson(join(out, RESULTS_FILE), results);
  };
}
