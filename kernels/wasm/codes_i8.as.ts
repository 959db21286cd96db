// AssemblyScript, part of loops.as.ts.
import { codeAt } from "./codes.as";
import { dot4 } from "./maxsim.as";
import { BLOCK, fill, startOf, sumOne } from "./rows.as";

export function residual_scores_i8(
  table: usize,
  stride: i32,
  columns: i32,
  query: usize,
  dim: i32,
  width: i32,
  offsets: usize,
  factors: usize,
  levels: usize,
  nbits: i32,
  codes: usize,
  codeBytes: i32,
  residuals: usize,
  norms: usize,
  normValues: usize,
  starts: usize,
  lengths: usize,
  count: i32,
  scratch: usize,
  out: usize,
): void {
  const each = 8 / nbits;
  const bytes = <usize> stride << 2;
  const residualBytes = <usize> (dim / each);
  const row = scratch + bytes;
  memory.fill(row, 128, <usize> width);
  for (let i = 0; i < count; i++) {
    const first = startOf(starts, i);
    const length = load<i32>(lengths + (<usize> i << 2));
    fill(scratch, bytes, -Infinity);
    for (let token = first; token < first + <usize> length; token++) {
      const centre = table + codeAt(codes, codeBytes, token) * bytes;
      const residual = residuals + token * residualBytes;
      const norm = v128.load_splat<f32>(normValues + (<usize> load<u8>(norms + token) << 2));
      unpack(residual, residualBytes, levels, each, row);
      for (let q: usize = 0, part = query; q < bytes; q += BLOCK, part += <usize> width << 4) {
        for (let lanes: usize = 0; lanes < BLOCK; lanes += 16) {
          const at = q + lanes;
          const sum = i32x4.add(v128.load(offsets + at), dot4(part + lanes, row, width));
          const product = f32x4.mul(f32x4.convert_i32x4_s(sum), v128.load(factors + at));
          const score = f32x4.mul(f32x4.add(v128.load(centre + at), product), norm);
          v128.store(scratch + at, f32x4.pmax(v128.load(scratch + at), score));
        }
      }
    }
    store<f32>(out + (<usize> i << 2), length == 0 ? -Infinity : sumOne(scratch, columns));
  }
}

// @ts-ignore: decorator
@inline
function unpack(residual: usize, bytes: usize, levels: usize, each: i32, to: usize): void {
  for (let i: usize = 0; i < bytes; i++) {
    const value = <usize> load<u8>(residual + i);
    if (each == 1) store<u8>(to + i, load<u8>(levels + value));
    else if (each == 2) store<u16>(to + (i << 1), load<u16>(levels + (value << 1)));
    else if (each == 4) store<u32>(to + (i << 2), load<u32>(levels + (value << 2)));
    else store<u64>(to + (i << 3), load<u64>(levels + (value << 3)));
  }
}

export function products_i8(
  query: usize,
  vectors: i32,
  dim: i32,
  offsets: usize,
  factors: usize,
  rows: usize,
  scales: usize,
  count: i32,
  out: usize,
): void {
  const bytes = <usize> vectors * BLOCK;
  for (let i = 0; i < count; i++, rows += <usize> dim, out += bytes) {
    const scale = v128.load_splat<f32>(scales + (<usize> i << 2));
    for (let at: usize = 0, part = query; at < bytes; at += BLOCK, part += <usize> dim << 4) {
      for (let lanes: usize = 0; lanes < BLOCK; lanes += 16) {
        const sum = i32x4.add(v128.load(offsets + at + lanes), dot4(part + lanes, rows, dim));
        const product = f32x4.mul(f32x4.convert_i32x4_s(sum), scale);
        v128.store(out + at + lanes, f32x4.mul(product, v128.load(factors + at + lanes)));
      }
    }
  }
}

export function table_bytes(
  table: usize,
  count: i32,
  stride: i32,
  columns: i32,
  keep: usize,
  least: f32,
  step: f32,
  out: usize,
): void {
  const factor: f32 = 1 / step;
  for (let i = 0; i < count; i++, table += <usize> stride << 2, out += <usize> stride) {
    memory.fill(out, 0, <usize> stride);
    if (keep != 0 && load<u8>(keep + <usize> i) == 0) continue;
    for (let q: usize = 0; q < <usize> columns; q++) {
      const level = f32.nearest((load<f32>(table + (q << 2)) - least) * factor);
      store<u8>(out + q, <u8> min<f32>(255, max<f32>(0, level)));
    }
  }
}

/** `stride` is a multiple of 16: the build's lanes. */
export function centroid_scores_i8(
  table: usize,
  stride: i32,
  codes: usize,
  codeBytes: i32,
  starts: usize,
  lengths: usize,
  count: i32,
  _scratch: usize,
  out: usize,
): void {
  for (let i = 0; i < count; i++) {
    const first = startOf(starts, i);
    const end = first + <usize> load<i32>(lengths + (<usize> i << 2));
    let sum = 0;
    for (let q: usize = 0; q < <usize> stride; q += 16) {
      let best = i8x16.splat(0);
      for (let token = first; token < end; token++) {
        best = v128.max<u8>(best, v128.load(table + codeAt(codes, codeBytes, token) * <usize> stride + q));
      }
      const pairs = i32x4.extadd_pairwise_i16x8_u(i16x8.extadd_pairwise_i8x16_u(best));
      sum += i32x4.extract_lane(pairs, 0) + i32x4.extract_lane(pairs, 1);
      sum += i32x4.extract_lane(pairs, 2) + i32x4.extract_lane(pairs, 3);
    }
    store<f32>(out + (<usize> i << 2), <f32> sum);
  }
}
