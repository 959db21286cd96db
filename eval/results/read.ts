import { z } from "zod";
import { checkShape, readJson } from "../../support/json.ts";
import { type Results, RESULTS_VERSION, resultsSchema } from "./schema.ts";

/** Versions that lack fields of today's alone: these have defaults. */
const READABLE = [5, RESULTS_VERSION];

const header = z.looseObject({ format: z.literal("latebench-results"), version: z.literal(READABLE) });

/**
 * Reads a results file of this version or of the one before.
 *
 * @throws {LatebenchError} naming the first field that is wrong
 */
export function readResults(file: string): Results {
  const expected = `a results file of version ${READABLE.join(" or ")}`;
  const found = readJson(file, header, expected);
  return checkShape({ ...found, version: RESULTS_VERSION }, resultsSchema, file, expected);
}
