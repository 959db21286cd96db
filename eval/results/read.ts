import { join } from "node:path";
import { z } from "zod";
import { checkShape, readJson } from "../../support/json.ts";
import { isFolder } from "../../support/paths.ts";
import { cellSchema, type Results, RESULTS_VERSION, resultsSchema } from "./schema.ts";

/** What a run's results are called in its folder. */
export const RESULTS_FILE = "results.json";

/** The results file that the command line names: itself, or in a folder. */
export function resultsFile(given: string): string {
  return isFolder(given) ? join(given, RESULTS_FILE) : given;
}

/** Versions that lack fields of today's alone: these have defaults. */
const READABLE = [5, RESULTS_VERSION];

const header = z.looseObject({
  format: z.literal("latebench-results"),
  version: z.literal(READABLE),
  cells: z.array(z.unknown()),
});
const rest = resultsSchema.omit({ cells: true });

/**
 * Reads a results file of this version or of the one before.
 *
 * @throws {LatebenchError} naming the first field that is wrong
 */
export function readResults(file: string): Results {
  const expected = `a results file of version ${READABLE.join(" or ")}`;
  const { cells, ...found } = readJson(file, header, expected);
  // Checking copies; one cell at a time, so that large files are not in memory twice.
  const checked = cells.map((_, c) => {
    const [cell] = cells.splice(c, 1, null);
    return checkShape(cell, cellSchema, file, expected, ["cells", c]);
  });
  return { ...checkShape({ ...found, version: RESULTS_VERSION }, rest, file, expected), cells: checked };
}
