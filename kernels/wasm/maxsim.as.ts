// AssemblyScript, part of loops.as.ts.
import { multiply, ROWS } from "./multiply.as";
import { BLOCK, fill, floats, keepLarger, startOf, sumQueries } from "./rows.as";

export function maxsim(
  query: usize,
  vectors: i32,
  dim: i32,
  spans: usize,
  queries: i32,
  rows: usize,
  half: i32,
  starts: usize,
  lengths: usize,
  count: i32,
  scratch: usize,
  out: usize,
): void {
  const sums = scratch + ((<usize> dim * ROWS) << 2);
  const best = sums + ROWS * BLOCK;
  const bestBytes = <usize> vectors * BLOCK;
  const vector = (<usize> dim) * BLOCK;
  for (let passage = 0; passage < count; passage++, out += <usize> queries << 2) {
    let left = load<i32>(lengths + (<usize> passage << 2));
    if (left == 0) {
      fill(out, <usize> queries << 2, -Infinity);
      continue;
    }
    fill(best, bestBytes, -Infinity);
    for (let row = startOf(starts, passage); left > 0; left -= ROWS, row += ROWS) {
      const block = min(left, ROWS);
      const wide = floats(rows, half, row, block, dim, scratch);
      for (let v = 0; v < vectors; v++) {
        multiply(query + <usize> v * vector, wide, block, dim, sums);
        for (let r: usize = 0; r < <usize> block; r++) keepLarger(best + <usize> v * BLOCK, sums + r * BLOCK, BLOCK);
      }
    }
    sumQueries(best, spans, queries, out);
  }
}

export function maxsim_i8(
  query: usize,
  vectors: i32,
  dim: i32,
  offsets: usize,
  factors: usize,
  spans: usize,
  queries: i32,
  rows: usize,
  scales: usize,
  starts: usize,
  lengths: usize,
  count: i32,
  scratch: usize,
  out: usize,
): void {
  const best = scratch;
  const bestBytes = <usize> vectors * BLOCK;
  for (let passage = 0; passage < count; passage++, out += <usize> queries << 2) {
    const length = load<i32>(lengths + (<usize> passage << 2));
    if (length == 0) {
      fill(out, <usize> queries << 2, -Infinity);
      continue;
    }
    fill(best, bestBytes, -Infinity);
    const first = startOf(starts, passage);
    for (let t = first; t < first + <usize> length; t++) {
      const scale = v128.load_splat<f32>(scales + (t << 2));
      for (let v = 0; v < vectors; v++) {
        for (let part: usize = 0; part < BLOCK; part += 16) {
          const offset = v128.load(offsets + <usize> v * BLOCK + part);
          const sums = dot4(query + <usize> v * <usize> dim * 16 + part, rows + t * <usize> dim, dim);
          const value = f32x4.mul(f32x4.convert_i32x4_s(i32x4.add(offset, sums)), scale);
          const at = best + <usize> v * BLOCK + part;
          v128.store(at, f32x4.pmax(v128.load(at), value));
        }
      }
    }
    for (let i: usize = 0; i < bestBytes; i += 16) {
      v128.store(best + i, f32x4.mul(v128.load(best + i), v128.load(factors + i)));
    }
    sumQueries(best, spans, queries, out);
  }
}

/** Products of a row of bytes with four lanes of a query vector `[width / 4, 16, 4]`: dimensions by fours. */
// @ts-ignore: decorator
@inline
export function dot4(query: usize, row: usize, width: i32): v128 {
  // Products of two dimensions each stand side by side, and are added at the end.
  let low = i32x4.splat(0), high = low;
  for (let d: usize = 0; d < <usize> width; d += 4, query += BLOCK) {
    const four = i16x8.extend_low_i8x16_u(v128.load_splat<u32>(row + d));
    const lanes = v128.load(query);
    low = i32x4.add(low, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(lanes), four));
    high = i32x4.add(high, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(lanes), four));
  }
  return i32x4.add(v128.shuffle<i32>(low, high, 0, 2, 4, 6), v128.shuffle<i32>(low, high, 1, 3, 5, 7));
}

export function quantise(
  rows: usize,
  half: i32,
  dim: i32,
  stride: i32,
  count: i32,
  scratch: usize,
  out: usize,
  scales: usize,
  errors: usize,
): void {
  for (let i = 0; i < count; i++, out += <usize> stride) {
    memory.fill(out, 128, <usize> stride);
    const row = floats(rows, half, <usize> i, 1, dim, scratch);
    let largest: f32 = 0;
    for (let d = 0; d < dim; d++) largest = max(largest, abs(load<f32>(row + (<usize> d << 2))));
    const scale = largest / 127;
    const inverse: f32 = largest > 0 ? 127 / largest : 0;
    let error: f64 = 0;
    for (let d = 0; d < dim; d++) {
      const value = load<f32>(row + (<usize> d << 2));
      let level = f32.nearest(value * inverse);
      if (!(level <= 127)) level = 127; // rounding of the inverse, or denormals
      if (level < -127) level = -127;
      store<u8>(out + <usize> d, <u8> (<i32> level + 128));
      const rest = <f64> value - <f64> scale * <f64> level;
      error += rest * rest;
    }
    store<f32>(scales + (<usize> i << 2), scale);
    store<f32>(errors + (<usize> i << 2), <f32> (sqrt(error) * (1 + 1e-6))); // never less than the true error
  }
}
