import { join } from "node:path";
import { badInput } from "../../../support/errors.ts";
import type { ResidualCodec } from "./codec.ts";
import { type PlaidHeader, SHARED_FILES } from "./format.ts";

/**
 * What stands for the residuals of an index.
 *
 * @throws {LatebenchError} for codebooks that are missing or have another size
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
  const bytes = Deno.readFileSync(file);
  if (bytes.length !== files.codebooks?.bytes) {
    throw badInput(file, `${bytes.length} bytes`, `${files.codebooks?.bytes}, as the header says`);
  }
  return { kind: "product", m: pq, codebooks: new Float32Array(bytes.buffer) };
}
