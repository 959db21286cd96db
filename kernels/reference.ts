import type { Matrix } from "../encoders/encoder.ts";
import type { Kernel } from "./kernel.ts";

/** The meaning of every kernel, in plain code: other builds must agree with this one within float32 rounding. */
export function referenceKernel(dim: number, capacity: number): Kernel {
  const rows = new Uint8Array(capacity);
  let query: Matrix = { data: new Float32Array(0), rows: 0, dim };
  return {
    name: "reference",
    rows,
    setQuery(matrix) {
      query = { ...matrix, data: matrix.data.slice() };
    },
    maxsim(start, lengths, out) {
      const values = new Float16Array(rows.buffer, start);
      let first = 0;
      lengths.forEach((length, passage) => {
        out[passage] = maxsim(query, values.subarray(first * dim, (first + length) * dim), length);
        first += length;
      });
    },
    close() {},
  };
}

/**
 * MaxSim of a query and one passage: for every query row the largest dot product with a passage row, summed. A passage without
 * rows scores −∞.
 *
 * @param passage `[length, dim]`
 */
export function maxsim(query: Matrix, passage: ArrayLike<number>, length: number): number {
  if (length === 0) return -Infinity;
  let sum = 0;
  for (let q = 0; q < query.rows; q++) {
    let best = -Infinity;
    for (let t = 0; t < length; t++) {
      let dot = 0;
      for (let d = 0; d < query.dim; d++) dot += query.data[q * query.dim + d] * passage[t * query.dim + d];
      best = Math.max(best, dot);
    }
    sum += best;
  }
  return Math.fround(sum);
}
