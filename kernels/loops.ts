import type { CodeLoops } from "./code_loops.ts";
import type { VectorLoops } from "./vector_loops.ts";
export type { Rows } from "./vector_loops.ts";

/**
 * The inner loops: what all builds export, in plain numbers and arrays. Three builds pass the same tests: `reference.ts` (which
 * says what each loop means), `wasm/` and `native/`.
 *
 * Words that recur:
 * - *blocked rows*: float32 `[vectors, dim, lanes]`, so that one load gives one dimension of `lanes` rows; `lanes` is the build's.
 *   The places after the last row are filled up. `stride` is `vectors * lanes`.
 * - *rows*: `[n, dim]`, fp16 bits where `half` is 1, float32 where it is 0.
 * - *passages*: `starts` (number of the first row or token, float64) and `lengths` (int32), `count` of them.
 * - *spans*: int32 `[queries, 2]`, for each query the place of its first row within a stride and the number of its rows.
 * - *table*: float32 `[centroids, stride]`, the products of every centroid with every query row.
 * - *scratch*: room for the loop, of the size that `SCRATCH` says.
 */
export interface Loops extends VectorLoops, CodeLoops {}

/** Codebooks `[m, ksub, dsub]`, as FAISS keeps them, as the loops read them: `[m, dsub, ksub]`, so that one load gets many entries. */
export function entriesOf(codebooks: Float32Array, m: number, ksub: number, out: Float32Array): Float32Array {
  const dsub = codebooks.length / (m * ksub);
  for (let j = 0; j < m; j++) {
    for (let entry = 0; entry < ksub; entry++) {
      for (let d = 0; d < dsub; d++) out[(j * dsub + d) * ksub + entry] = codebooks[(j * ksub + entry) * dsub + d];
    }
  }
  return out;
}

/** Floats of scratch that a loop needs, for rows of `dim` and blocked rows of `stride`: no build needs more. */
export const SCRATCH = {
  /** `maxsim`, `maxsim_i8`, `products`, `block_rows`, `sum_lists`, `quantise` and `top_cells`. */
  rows: (dim: number, stride: number) => 8 * dim + stride + 128,
  /** `decompressed_scores`. */
  decompress: (dim: number, stride: number) => 9 * dim + stride + 864,
  /** `centroid_scores`, `centroid_scores_i8`, `residual_scores`, `step_scores` and `close_scores`. */
  codes: (stride: number) => 3 * stride,
  /** `probed_scores`: some residuals, two strides. */
  probed: (dim: number, stride: number) => 4 * dim + 2 * stride,
  /** `residual_scores_i8`: rows of bytes, and two strides. */
  bytes: (width: number, stride: number) => 4 * width + 2 * stride + 1024,
  /** `encode_residuals`: two rows. */
  encode: (dim: number) => 2 * dim,
  nearest: (dim: number) => 64 * (dim + 32),
  /** `pq_encode`. */
  pq_encode: (dim: number, ksub: number) => dim + ksub,
  /** `pq_search`, of so many codes, for the nearest `k`. */
  pq_search: (dim: number, m: number, ksub: number, k: number) => 4 * (dim + m * ksub) + 2048 + 4 * k + 1024,
} as const;
