import { join } from "node:path";
import { badInput, explainIoError } from "../../../support/errors.ts";
import { readFile } from "../../../support/open_file.ts";
import { LARGEST_VALUE } from "./check_header.ts";
import type { ResidualCodec } from "./codec.ts";
import { type PlaidHeader, SHARED_FILES } from "./format.ts";

/**
 * What stands for the residuals of an index.
 *
 * @throws {LatebenchError} for codebooks that are missing, have another size or are no numbers
 */
export function readCodec(
  folder: string,
  { settings: { nbits, pq }, cutoffs, weights, steps, files }:
    & Pick<PlaidHeader, "settings" | "cutoffs" | "weights" | "steps">
    & {
      readonly files: Pick<PlaidHeader["files"], "codebooks">;
    },
): ResidualCodec {
  if (nbits !== undefined) {
    return { kind: "buckets", nbits, cutoffs: Float32Array.from(cutoffs), weights: Float32Array.from(weights) };
  }
  if (pq === undefined) return { kind: "steps", ...steps! };
  const file = join(folder, SHARED_FILES.codebooks);
  try {
    const { size } = Deno.statSync(file);
    const expected = files.codebooks?.bytes;
    if (size !== expected) throw badInput(file, `${size} bytes`, `${expected}, as the header says`);
    const codebooks = new Float32Array(readFile(file).buffer);
    if (codebooks.every((value) => Math.abs(value) <= LARGEST_VALUE)) return { kind: "product", m: pq, codebooks };
    throw badInput(file, "a NaN, an infinity or a huge number", `numbers of at most ${LARGEST_VALUE}`);
  } catch (error) {
    throw explainIoError(error, file);
  }
}
