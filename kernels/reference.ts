import type { Loops } from "./loops.ts";
import { codeLoops } from "./reference_codes.ts";
import { dot, numbers, roundHalfEven } from "./reference_numbers.ts";

/** The meaning of every loop, in plain code with one lane: other builds must agree with it within float32 rounding. */
export const referenceLoops: Loops = {
  ...codeLoops,
  maxsim(query, vectors, dim, spans, queries, rows, half, starts, lengths, count, _scratch, out) {
    const values = numbers(rows, half);
    for (let i = 0; i < count; i++) {
      const best = new Float64Array(vectors).fill(-Infinity);
      for (let t = starts[i]; t < starts[i] + lengths[i]; t++) {
        for (let q = 0; q < vectors; q++) best[q] = Math.max(best[q], dot(query, q * dim, values, t * dim, dim));
      }
      sumQueries(best, spans, queries, lengths[i] === 0, out, i * queries);
    }
  },
  maxsim_i8(
    query,
    vectors,
    dim,
    offsets,
    factors,
    spans,
    queries,
    rows,
    scales,
    starts,
    lengths,
    count,
    _scratch,
    out,
  ) {
    for (let i = 0; i < count; i++) {
      const best = new Float64Array(vectors).fill(-Infinity);
      for (let t = starts[i]; t < starts[i] + lengths[i]; t++) {
        for (let q = 0; q < vectors; q++) {
          const product = offsets[q] + dot(query, q * dim, rows, t * dim, dim);
          best[q] = Math.max(best[q], factors[q] * Math.fround(product * scales[t]));
        }
      }
      sumQueries(best, spans, queries, lengths[i] === 0, out, i * queries);
    }
  },
  quantise(rows, half, dim, stride, count, _scratch, out, scales, errors) {
    const values = numbers(rows, half);
    for (let i = 0; i < count; i++) {
      const row = Float64Array.from({ length: dim }, (_, d) => values[i * dim + d]);
      const largest = Math.max(...row.map(Math.abs));
      scales[i] = largest / 127;
      const inverse = largest > 0 ? Math.fround(127 / largest) : 0;
      let error = 0;
      out.fill(128, i * stride, (i + 1) * stride);
      for (let d = 0; d < dim; d++) {
        const level = Math.min(127, Math.max(-127, roundHalfEven(Math.fround(row[d] * inverse))));
        out[i * stride + d] = level + 128;
        error += (row[d] - scales[i] * level) ** 2;
      }
      errors[i] = Math.fround(Math.sqrt(error) * (1 + 1e-6));
    }
  },
  products(query, vectors, dim, rows, half, count, _scratch, out) {
    const values = numbers(rows, half);
    for (let i = 0; i < count; i++) {
      for (let q = 0; q < vectors; q++) out[i * vectors + q] = dot(query, q * dim, values, i * dim, dim);
    }
  },
  products_i8(query, vectors, dim, offsets, factors, rows, scales, count, out) {
    for (let i = 0; i < count; i++) {
      for (let q = 0; q < vectors; q++) {
        const product = offsets[q] + dot(query, q * dim, rows, i * dim, dim);
        out[i * vectors + q] = Math.fround(product * scales[i]) * factors[q];
      }
    }
  },
  top_cells(products, count, stride, columns, k, _scratch, values, numbers) {
    for (let q = 0; q < columns; q++) {
      const order = Array.from({ length: count }, (_, i) => i);
      order.sort((a, b) => products[b * stride + q] - products[a * stride + q] || a - b);
      for (let j = 0; j < k; j++) {
        numbers[q * k + j] = order[j] ?? -1;
        values[q * k + j] = j < count ? products[order[j] * stride + q] : -Infinity;
      }
    }
  },
  block_rows(rows, half, dim, names, count, _scratch, out) {
    const values = numbers(rows, half);
    for (let i = 0; i < count; i++) for (let d = 0; d < dim; d++) out[i * dim + d] = values[names[i] * dim + d];
  },
  nearest(centroids, names, count, dim, rows, half, which, rowsCount, _scratch, out, scores) {
    const values = numbers(rows, half);
    for (let i = 0; i < rowsCount; i++) {
      let best = -Infinity;
      let at = 0;
      for (let c = 0; c < count; c++) {
        const product = dot(centroids, c * dim, values, (which ? which[i] : i) * dim, dim);
        if (product > best) [best, at] = [product, c];
      }
      out[i] = names ? names[at] : at;
      if (scores) scores[i] = best;
    }
  },
  sum_lists(rows, half, dim, names, offsets, lists, _scratch, out) {
    const values = numbers(rows, half);
    out.fill(0, 0, lists * dim);
    for (let list = 0; list < lists; list++) {
      for (let at = offsets[list]; at < offsets[list + 1]; at++) {
        for (let d = 0; d < dim; d++) out[list * dim + d] += values[names[at] * dim + d];
      }
    }
  },
  largest_value(values, half, count, out) {
    let most = 0;
    for (const value of numbers(values, half).subarray(0, count)) most = Math.max(most, Math.abs(value));
    out[0] = Number.isNaN(most) ? Infinity : most;
  },
  widen_rows(from, to, count) {
    to.set(numbers(from, 1).subarray(0, count));
  },
  narrow_rows(from, to, count) {
    to.set(new Uint16Array(Float16Array.from(from.subarray(0, count)).buffer));
  },
};

function sumQueries(
  best: Float64Array,
  spans: Int32Array,
  queries: number,
  empty: boolean,
  out: Float32Array,
  at: number,
): void {
  for (let i = 0; i < queries; i++) {
    const [first, rows] = spans.subarray(2 * i);
    out[at + i] = empty ? -Infinity : best.subarray(first, first + rows).reduce((sum, value) => sum + value, 0);
  }
}
