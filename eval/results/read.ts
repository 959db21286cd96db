import { readJson } from "../../support/json.ts";
import { type Results, RESULTS_VERSION, resultsSchema } from "./schema.ts";

/**
 * Reads a results file.
 *
 * @throws {LatebenchError} naming the first field that is wrong
 */
export function readResults(file: string): Results {
  return readJson(file, resultsSchema, `a results file of version ${RESULTS_VERSION}`);
}
