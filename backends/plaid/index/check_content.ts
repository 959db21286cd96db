import { join } from "node:path";
import type { Kernel } from "../../../kernels/kernel.ts";
import type { Rows } from "../../../kernels/loops.ts";
import { badInput } from "../../../support/errors.ts";
import { LARGEST_VALUE } from "./check_header.ts";
import { FILES, type PlaidHeader } from "./format.ts";

/*
 * What is compared at every opening, since loops use it as addresses or every score depends on it. It is little of an index: a code of
 * two bytes or so a token, and the centroids. Lists and residuals in steps, which are read bit by bit, are not looked through here: the
 * loops that read them stop at their ends.
 */

/** Numbers that a loop looks at in one call: an int32 holds their count. */
const PIECE = 2 ** 28;

/**
 * Checks that the codes of tokens name centroids.
 *
 * @param folder of the segment
 * @throws {LatebenchError} for a code that names none
 */
export function checkCodes(
  { loops }: Kernel,
  folder: string,
  codes: Uint8Array,
  { partitions, code_bytes }: Pick<PlaidHeader, "partitions" | "code_bytes">,
): void {
  if (partitions === 256 ** code_bytes) return;
  const largest = new Uint32Array(1);
  for (let from = 0; from < codes.length; from += PIECE * code_bytes) {
    const piece = codes.subarray(from, from + PIECE * code_bytes);
    loops.largest_code(piece, code_bytes, piece.length / code_bytes, largest);
    if (largest[0] < partitions) continue;
    throw badInput(join(folder, FILES.codes), `centroid ${largest[0]}`, `one below ${partitions}`);
  }
}

/**
 * Checks that values are numbers, none so large that a score could overflow.
 *
 * @throws {LatebenchError} for the first file where they are not
 */
export function checkValues({ loops }: Kernel, file: string, values: Rows): void {
  const largest = new Float32Array(1);
  const half = values instanceof Uint16Array ? 1 : 0;
  for (let from = 0; from < values.length; from += PIECE) {
    const piece = values.subarray(from, from + PIECE);
    loops.largest_value(piece, half, piece.length, largest);
    if (largest[0] <= LARGEST_VALUE) continue;
    throw badInput(file, "a NaN, an infinity or a huge number", `numbers of at most ${LARGEST_VALUE}`);
  }
}
