import { badInput, quote } from "../../support/errors.ts";
import { type Line, readLines } from "../../support/lines.ts";

/** A number as Python's `repr` prints it; the digits are JavaScript's own, the form differs. */
export function pythonRepr(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e16) return `${Object.is(value, -0) ? "-0" : value}.0`;
  if (Math.abs(value) >= 1e-4) return String(value);
  const [digits, exponent] = value.toExponential().split("e");
  return `${digits}e-${exponent.slice(1).padStart(2, "0")}`;
}

/** Python's `int(text)`, or undefined where it would raise. */
export function pythonInt(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*[+-]?\d+\s*$/.test(text) ? Number(text) : undefined;
}

/**
 * Reads lines of whole numbers as `[int(x) for x in line.strip().split(separator)]`; of more columns than `width`, the first
 * count.
 *
 * @throws {LatebenchError} with the line number where Python would raise
 */
export function* readIntegers(
  file: string,
  separator: string | RegExp,
  columns: readonly number[],
  expected: string,
): Generator<readonly [values: readonly number[], line: Line]> {
  for (const line of readLines(file)) {
    const parts = line.text.trim().split(separator);
    const values = columns.map((column) => pythonInt(parts[column]));
    if (values.includes(undefined)) throw badInput({ file, line: line.number }, quote(line.text), expected);
    yield [values as number[], line];
  }
}
