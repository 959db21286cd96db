import type { Matrix } from "../encoders/encoder.ts";
import { MAX_QUERY_ROWS } from "./kernel.ts";

/**
 * Lays a query out for vector loops: `[ceil(rows / lanes), dim, lanes]`, so that one load gives one dimension of `lanes` query
 * rows. What is left of the last block is zero.
 *
 * @throws {RangeError} for more than {@link MAX_QUERY_ROWS} rows
 */
export function blockQuery(query: Matrix, lanes: number, out: Float32Array): void {
  if (query.rows > MAX_QUERY_ROWS) throw new RangeError(`A query has ${query.rows} rows, more than ${MAX_QUERY_ROWS}`);
  out.fill(0);
  for (let q = 0; q < query.rows; q++) {
    const block = Math.floor(q / lanes) * query.dim * lanes + q % lanes;
    for (let d = 0; d < query.dim; d++) out[block + d * lanes] = query.data[q * query.dim + d];
  }
}
