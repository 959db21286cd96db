import type { z } from "zod";
import { badInput } from "./errors.ts";
import { readText } from "./lines.ts";

/**
 * Reads a JSON file and checks its shape.
 *
 * @param expected what the file should be, for the message
 * @throws {LatebenchError} for a missing file, broken JSON, and the first field that is wrong
 */
export function readJson<T extends z.ZodType>(file: string, schema: T, expected: string): z.output<T> {
  return checkShape(parseJson(readText(file), file, expected), schema, file, expected);
}

/**
 * Parses the text of a JSON file.
 *
 * @throws {LatebenchError} for broken JSON
 */
export function parseJson(text: string, file: string, expected: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) {
      throw badInput(file, `broken JSON (${error.message.replace(/\s+/g, " ")})`, expected);
    }
    throw error;
  }
}

/**
 * Checks the shape of something that was read from `file`.
 *
 * @param place where it stands in the file
 * @throws {LatebenchError} naming the first field that is wrong
 */
export function checkShape<T extends z.ZodType>(
  value: unknown,
  schema: T,
  file: string,
  expected: string,
  place: readonly (string | number)[] = [],
): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw badInput(file, `${[...place, ...issue.path].join(".") || "the whole"}: ${issue.message}`, expected);
}
