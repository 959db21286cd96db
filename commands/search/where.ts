import type { Metadata } from "../../datasets/dataset.ts";
import { usageError } from "../../support/errors.ts";

const COMPARISONS: Readonly<Record<string, (a: unknown, b: string) => boolean>> = {
  "=": (a, b) => Array.isArray(a) ? a.some((one) => wordsOf(one) === b) : wordsOf(a) === b,
  "!=": (a, b) => Array.isArray(a) ? a.every((one) => wordsOf(one) !== b) : wordsOf(a) !== b,
  "<": (a, b) => order(a, b) < 0,
  "<=": (a, b) => order(a, b) <= 0,
  ">": (a, b) => order(a, b) > 0,
  ">=": (a, b) => order(a, b) >= 0,
};

/**
 * Parses conditions on metadata, all of which have to hold: `field=value`, `!=`, `<`, `<=`, `>`, `>=`. Numbers are compared as such,
 * all else as text; a list is equal to each of its items. A passage without the field meets no condition.
 *
 * @throws {LatebenchError} exit code 1 for a condition that is none
 */
export function parseWhere(conditions: readonly string[]): (metadata: Metadata) => boolean {
  const parsed = conditions.map((condition) => {
    const [, field, sign, value] = /^\s*([^=!<>]+?)\s*(!=|<=|>=|=|<|>)\s*(.*?)\s*$/.exec(condition) ?? [];
    if (!field) throw usageError(`--where ${condition}: field=value is needed, or !=, <, <=, >, >=`);
    return { field, holds: COMPARISONS[sign], value };
  });
  return (metadata) =>
    parsed.every(({ field, holds, value }) => Object.hasOwn(metadata, field) && holds(metadata[field], value));
}

function order(a: unknown, b: string): number {
  const words = wordsOf(a);
  const [x, y] = [typeof a === "object" && a !== null ? Number(words) : Number(a), Number(b)];
  if (words !== "" && b !== "" && !Number.isNaN(x) && !Number.isNaN(y)) return x - y;
  return words < b ? -1 : words > b ? 1 : 0;
}

/** A value as text; lists as JavaScript joins them, objects as JSON: their own `toString` may be anything. */
function wordsOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(wordsOf).join(",");
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}
