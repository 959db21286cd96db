import type { Matrix } from "../encoders/encoder.ts";
import type { Kernel } from "./kernel.ts";
import { type Rows, SCRATCH } from "./loops.ts";

/** Passages of a row file: number of the first row of each, and its rows. */
export interface Passages {
  readonly starts: Float64Array;
  readonly lengths: Int32Array;
}

/** Queries laid out for a build's vector loops: each begins a vector of its own. */
export interface QueryBlock {
  readonly dim: number;
  readonly queries: number;
  /** Blocks of `lanes` rows. */
  readonly vectors: number;
  /** `vectors * lanes`. */
  readonly stride: number;
  /** For each query the place of its first row within a stride, and its rows. */
  readonly spans: Int32Array<ArrayBuffer>;
  /** float32 `[vectors, dim, lanes]`; what is left of a query's last vector is zero. */
  readonly data: Float32Array<ArrayBuffer>;
  readonly scratch: Float32Array<ArrayBuffer>;
}

/** Lays queries out; all have the same `dim`. */
export function blockQueries(kernel: Kernel, queries: readonly Matrix[]): QueryBlock {
  const { lanes } = kernel;
  const { dim } = queries[0];
  const { spans, vectors } = layOut(queries, lanes);
  const data = scratchFloats(kernel, vectors * dim * lanes);
  queries.forEach((query, i) => {
    for (let row = 0; row < query.rows; row++) {
      const place = spans[2 * i] + row;
      const at = Math.floor(place / lanes) * dim * lanes + place % lanes;
      for (let d = 0; d < dim; d++) data[at + d * lanes] = query.data[row * dim + d];
    }
  });
  const stride = vectors * lanes;
  const scratch = scratchFloats(kernel, SCRATCH.rows(dim, stride));
  return { dim, queries: queries.length, vectors, stride, spans, data, scratch };
}

/**
 * MaxSim of every query with every passage (SIGIR'20, equation 3), accumulated in float32.
 *
 * @param rows `[n, dim]`, fp16 bits or float32
 * @param out `[passages, queries]`; −∞ for a passage without rows
 */
export function maxsim(
  { loops }: Kernel,
  query: QueryBlock,
  rows: Rows,
  { starts, lengths }: Passages,
  out: Float32Array,
): void {
  const { data, vectors, dim, spans, queries, scratch } = query;
  loops.maxsim(data, vectors, dim, spans, queries, rows, half(rows), starts, lengths, lengths.length, scratch, out);
}

/** Number of the first row of each of some passages that lie one after the other. */
export function startsOf(lengths: Int32Array): Float64Array<SharedArrayBuffer> {
  const starts = new Float64Array(new SharedArrayBuffer(8 * lengths.length));
  for (let i = 1; i < lengths.length; i++) starts[i] = starts[i - 1] + lengths[i - 1];
  return starts;
}

/** Floats of a kernel's scratch room. */
export function scratchFloats(kernel: Kernel, count: number): Float32Array<ArrayBuffer> {
  const bytes = kernel.scratch(4 * count);
  return new Float32Array(bytes.buffer, bytes.byteOffset, count);
}

/** 1 for fp16 bits, 0 for float32: what the loops take for it. */
export function half(rows: Rows): number {
  return rows instanceof Uint16Array ? 1 : 0;
}

/** Places of queries within a stride. */
export function layOut(queries: readonly { readonly rows: number }[], lanes: number) {
  const spans = new Int32Array(2 * queries.length);
  let vectors = 0;
  queries.forEach(({ rows }, i) => {
    spans[2 * i] = vectors * lanes;
    spans[2 * i + 1] = rows;
    vectors += Math.ceil(rows / lanes);
  });
  return { spans, vectors };
}
