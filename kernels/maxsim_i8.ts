import type { Matrix } from "../encoders/encoder.ts";
import type { Kernel } from "./kernel.ts";
import { type Rows, SCRATCH } from "./loops.ts";
import { half, layOut, type Passages, scratchFloats } from "./maxsim.ts";

/** Rows as int8 times a scale of their own. */
export interface QuantisedRows {
  /** Columns: `dim` filled up to a multiple of four. */
  readonly width: number;
  /** uint8 `[n, width]`, 128 more than they mean. */
  readonly values: Uint8Array;
  /** float32 `[n]`. */
  readonly scales: Float32Array;
}

/** Queries in int8 with what is lost by that. */
export interface QuantisedQueries {
  readonly queries: number;
  readonly width: number;
  readonly vectors: number;
  readonly spans: Int32Array<ArrayBuffer>;
  /** int8 `[vectors, width / 4, lanes, 4]`. */
  readonly data: Int8Array<ArrayBuffer>;
  readonly offsets: Int32Array<ArrayBuffer>;
  readonly factors: Float32Array<ArrayBuffer>;
  readonly scratch: Float32Array<ArrayBuffer>;
  /** Per query the sum over its rows of ‖row‖₂, and of ‖row − int8 row‖₂: with them {@link scoreError} bounds errors. */
  readonly norms: Float64Array<ArrayBuffer>;
  readonly losses: Float64Array<ArrayBuffer>;
}

/** Columns of int8 rows: products go in steps of four. */
export function quantisedWidth(dim: number): number {
  return 4 * Math.ceil(dim / 4);
}

/**
 * Quantises rows `[n, dim]`; `into` has room for them.
 *
 * @param errors ‖row − scale · values‖₂ of each row, never too small
 */
export function quantiseRows(
  { loops }: Kernel,
  rows: Rows,
  dim: number,
  { width, values, scales }: QuantisedRows,
  errors: Float32Array,
): void {
  const scratch = new Float32Array(SCRATCH.rows(dim, 0));
  loops.quantise(rows, half(rows), dim, width, scales.length, scratch, values, scales, errors);
}

/** Quantises queries and lays them out. */
export function quantiseQueries(kernel: Kernel, queries: readonly Matrix[]): QuantisedQueries {
  const { lanes } = kernel;
  const { dim } = queries[0];
  const width = quantisedWidth(dim);
  const { spans, vectors } = layOut(queries, lanes);
  const bytes = kernel.scratch(vectors * width * lanes);
  const data = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  const offsets = new Int32Array(vectors * lanes);
  const factors = new Float32Array(vectors * lanes);
  const norms = new Float64Array(queries.length);
  const losses = new Float64Array(queries.length);
  queries.forEach((query, i) => {
    const values = new Uint8Array(query.rows * width);
    const scales = new Float32Array(query.rows);
    const errors = new Float32Array(query.rows);
    quantiseRows(kernel, query.data, dim, { width, values, scales }, errors);
    for (let row = 0; row < query.rows; row++) {
      const place = spans[2 * i] + row;
      const at = Math.floor(place / lanes) * width * lanes + (place % lanes) * 4;
      let sum = 0;
      let squares = 0;
      for (let d = 0; d < width; d++) {
        const value = values[row * width + d] - 128;
        data[at + (d >> 2) * lanes * 4 + (d & 3)] = value;
        sum += value;
      }
      for (let d = row * dim; d < (row + 1) * dim; d++) squares += query.data[d] * query.data[d];
      offsets[place] = -128 * sum;
      factors[place] = scales[row];
      norms[i] += Math.sqrt(squares);
      losses[i] += errors[row];
    }
  });
  const scratch = scratchFloats(kernel, SCRATCH.rows(width, vectors * lanes));
  return { queries: queries.length, width, vectors, spans, data, offsets, factors, scratch, norms, losses };
}

/** Products of int8 rows with one int8 query, `[rows, vectors · lanes]`. */
export function productsI8({ loops }: Kernel, query: QuantisedQueries, rows: QuantisedRows, out: Float32Array): void {
  const { data, vectors, width, offsets, factors } = query;
  loops.products_i8(data, vectors, width, offsets, factors, rows.values, rows.scales, rows.scales.length, out);
}

/** Approximate MaxSim from int8 products; `out` is `[passages, queries]`. */
export function maxsimI8(
  { loops }: Kernel,
  query: QuantisedQueries,
  rows: QuantisedRows,
  { starts, lengths }: Passages,
  out: Float32Array,
): void {
  const { data, vectors, width, offsets, factors, spans, queries, scratch } = query;
  loops.maxsim_i8(
    data,
    vectors,
    width,
    offsets,
    factors,
    spans,
    queries,
    rows.values,
    rows.scales,
    starts,
    lengths,
    lengths.length,
    scratch,
    out,
  );
}

/**
 * The most by which {@link maxsimI8} can miss {@link maxsim} for a passage (Cauchy–Schwarz, row by row): with q = q̂ + e and
 * r = r̂ + f, q·r − q̂·r̂ = e·r + q̂·f, so each of the query's rows is off by at most ‖e‖·‖r‖ + (‖q‖ + ‖e‖)·‖f‖. What float32
 * sums round away on both sides is added.
 *
 * @param norm largest ‖row‖₂ of the passage
 * @param error largest ‖row − int8 row‖₂ of the passage
 */
export function scoreError(
  { norms, losses, width }: QuantisedQueries,
  query: number,
  norm: number,
  error: number,
): number {
  const rounding = (width + 8) * 2 ** -22 * norms[query] * norm;
  return losses[query] * norm + (norms[query] + losses[query]) * error + rounding;
}
