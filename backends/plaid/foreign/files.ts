import { join } from "node:path";
import { z } from "zod";
import { badInput } from "../../../support/errors.ts";
import { readJson } from "../../../support/json.ts";
import { isFile } from "../../../support/paths.ts";
import { checkIds } from "../../check_content.ts";
import { IDS_FILE } from "./foreign_index.ts";

/** A number of things. */
export const count = z.int().min(0);

const doclens = z.array(z.int().min(0).max(2 ** 31 - 1));

/** The JSON files of an index to begin with: its metadata, and its plan where there is one. */
export function keepJson(folder: string, metadata: unknown): Record<string, unknown> {
  const plan = join(folder, "plan.json");
  return {
    "metadata.json": metadata,
    ...isFile(plan) ? { "plan.json": readJson(plan, z.looseObject({}), "the plan of an index") } : {},
  };
}

/** Reads the document lengths of a chunk, and adds them up. */
export function readDoclens(folder: string, chunk: number): { readonly doclens: number[]; readonly tokens: number } {
  const lengths = readJson(join(folder, `doclens.${chunk}.json`), doclens, "a list of document lengths");
  return { doclens: lengths, tokens: lengths.reduce((sum, length) => sum + length, 0) };
}

/**
 * Reads the ids that latebench wrote beside an index.
 *
 * @throws {LatebenchError} where they are not as many as passages
 */
export function readIds(folder: string, passages: number): readonly string[] | null {
  const file = join(folder, IDS_FILE);
  if (!isFile(file)) return null;
  const ids = readJson(file, z.array(z.string()).length(passages), `ids of ${passages} passages`);
  checkIds(file, ids);
  return ids;
}

/**
 * Checks what an array is.
 *
 * @param kinds of numbers that it may have
 * @param expected its sides; null for any
 * @throws {LatebenchError} where it is something else
 */
export function expectShape(
  { file, kind, shape }: { readonly file: string; readonly kind: string; readonly shape: readonly number[] },
  kinds: readonly string[],
  expected: readonly (number | null)[],
): void {
  const fits = shape.length === expected.length && expected.every((side, d) => side === null || side === shape[d]);
  if (fits && kinds.includes(kind)) return;
  const sides = expected.map((side) => side ?? "n").join(" × ");
  throw badInput(file, `${kind} ${shape.join(" × ") || "(a number)"}`, `${kinds.join(" or ")} ${sides}`);
}

/**
 * Compares what a file says of an index with what was counted.
 *
 * @throws {LatebenchError} for the first number that differs; one that is not there is left alone
 */
export function expectCounts(
  file: string,
  said: Readonly<Record<string, unknown>>,
  counted: Readonly<Record<string, number>>,
): void {
  for (const [name, count] of Object.entries(counted)) {
    if (said[name] !== undefined && said[name] !== count) {
      throw badInput(file, `${name} ${said[name]}`, `${count}, as counted`);
    }
  }
}

/**
 * int64 numbers as int32.
 *
 * @throws {LatebenchError} for one that is too large
 */
export function narrowIntegers(file: string, values: BigInt64Array): Int32Array<ArrayBuffer> {
  const numbers = new Int32Array(values.length);
  for (let i = 0; i < numbers.length; i++) {
    numbers[i] = Number(values[i]);
    if (BigInt(numbers[i]) !== values[i]) throw badInput(file, `the number ${values[i]}`, "one of 32 bits");
  }
  return numbers;
}
