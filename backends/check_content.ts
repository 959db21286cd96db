import { badInput, explainIoError, quote } from "../support/errors.ts";
import { readFile } from "../support/open_file.ts";

/**
 * Reads a file of an index whose size is known: nothing is read where it is another one, so that a header's number or a file's size
 * alone decides about no memory.
 *
 * @throws {LatebenchError} for a missing file, something that is no file, and another size
 */
export function readWhole(file: string, bytes: number): Uint8Array<ArrayBuffer> {
  expectSize(file, bytes);
  return readFile(file);
}

/**
 * Checks the size of a file.
 *
 * @throws {LatebenchError} as {@link readWhole} does
 */
function expectSize(file: string, bytes: number): void {
  const { size, isFile } = statOf(file);
  if (!isFile) throw badInput(file, "something that is no file", `a file of ${bytes} bytes`);
  if (size !== bytes) throw badInput(file, `${size} bytes`, `${bytes} bytes`);
}

/**
 * Size of a file.
 *
 * @throws {LatebenchError} for a missing file, and something that is no file
 */
export function sizeOfFile(file: string): number {
  const { size, isFile } = statOf(file);
  if (!isFile) throw badInput(file, "something that is no file", "a file");
  return size;
}

function statOf(file: string): Deno.FileInfo {
  try {
    return Deno.statSync(file);
  } catch (error) {
    throw explainIoError(error, file);
  }
}

/**
 * Checks the ids of passages: none is empty, holds half of a surrogate pair, or occurs twice.
 *
 * @param ids null for passages that are gone
 * @throws {LatebenchError} for the first that does
 */
export function checkIds(place: string, ids: readonly (string | null)[]): void {
  const seen = new Set<string>();
  for (const id of ids) {
    if (id === null) continue;
    if (id === "" || !id.isWellFormed()) throw badInput(place, `passage id ${quote(id)}`, "well-formed text");
    if (seen.has(id)) throw badInput(place, `passage id ${quote(id)} twice`, "each id once");
    seen.add(id);
  }
}

/**
 * Checks that floats are numbers.
 *
 * @throws {LatebenchError} for a NaN or an infinity
 */
export function checkFinite(place: string, numbers: Float32Array | Float64Array | Float16Array): void {
  for (let i = 0; i < numbers.length; i++) {
    if (!Number.isFinite(numbers[i])) throw badInput(place, `${numbers[i]} at ${i}`, "a number");
  }
}
