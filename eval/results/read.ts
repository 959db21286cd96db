import { badInput } from "../../support/errors.ts";
import { readText } from "../../support/lines.ts";
import { type Results, resultsSchema } from "./schema.ts";

/**
 * Reads a results file.
 *
 * @throws {LatebenchError} naming the first field that is wrong
 */
export function readResults(file: string): Results {
  let json: unknown;
  try {
    json = JSON.parse(readText(file));
  } catch (error) {
    if (error instanceof SyntaxError) throw badInput(file, "broken JSON", "a results file");
    throw error;
  }
  const parsed = resultsSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw badInput(file, `${issue.path.join(".") || "the whole"}: ${issue.message}`, "a results file of version 1");
}
