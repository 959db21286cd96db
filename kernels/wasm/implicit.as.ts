// AssemblyScript, part of loops.as.ts.
import { addResidual, codeAt } from "./codes.as";
import { fill, keepLarger, startOf, sumOne } from "./rows.as";

export function probed_scores(
  table: usize,
  stride: i32,
  columns: i32,
  slots: usize,
  query: usize,
  dim: i32,
  meaning: usize,
  each: i32,
  apart: i32,
  codes: usize,
  codeBytes: i32,
  residuals: usize,
  missing: usize,
  starts: usize,
  lengths: usize,
  count: i32,
  scratch: usize,
  out: usize,
): void {
  const bytes = <usize> stride << 2, part = <usize> each << 2;
  const residualBytes = dim / each;
  const rest = scratch + 2 * bytes;
  for (let i = 0; i < count; i++) {
    const first = startOf(starts, i);
    const length = load<i32>(lengths + (<usize> i << 2));
    fill(scratch, bytes, -Infinity);
    for (let token = first; token < first + <usize> length; token++) {
      const slot = load<i32>(slots + (codeAt(codes, codeBytes, token) << 2));
      if (slot < 0) continue;
      const row = table + <usize> slot * bytes;
      const residual = residuals + token * <usize> residualBytes;
      let to = rest, from = meaning;
      for (let byte = 0; byte < residualBytes; byte++, to += part, from += <usize> apart << 2) {
        memory.copy(to, from + <usize> load<u8>(residual + <usize> byte) * part, part);
      }
      for (let q = 0; q < columns; q++) {
        const product = load<f32>(row + (<usize> q << 2));
        if (product == -Infinity) continue;
        const value = product + dotRows(query + (<usize> (q * dim) << 2), rest, dim);
        if (value > load<f32>(scratch + (<usize> q << 2))) store<f32>(scratch + (<usize> q << 2), value);
      }
    }
    replaceMissing(scratch, missing, columns);
    store<f32>(out + (<usize> i << 2), length == 0 ? -Infinity : sumOne(scratch, columns));
  }
}

// @ts-ignore: decorator
@inline
function dotRows(a: usize, b: usize, dim: i32): f32 {
  let sums = f32x4.splat(0);
  let d: usize = 0;
  for (; d + 4 <= <usize> dim; d += 4) sums = f32x4.add(sums, f32x4.mul(v128.load(a + (d << 2)), v128.load(b + (d << 2))));
  let sum = f32x4.extract_lane(sums, 0) + f32x4.extract_lane(sums, 1) + f32x4.extract_lane(sums, 2) + f32x4.extract_lane(sums, 3);
  for (; d < <usize> dim; d++) sum += load<f32>(a + (d << 2)) * load<f32>(b + (d << 2));
  return sum;
}

export function close_bits(
  table: usize,
  count: i32,
  stride: i32,
  columns: i32,
  threshold: f32,
  out: usize,
): void {
  const words = (columns + 31) / 32;
  const least = f32x4.splat(threshold);
  for (let i = 0; i < count; i++, table += <usize> stride << 2) {
    for (let word = 0; word < words; word++, out += 4) {
      let bits: u32 = 0;
      const until = min(columns, 32 * word + 32);
      for (let q = 32 * word; q < until; q += 4) {
        const close = f32x4.gt(v128.load(table + (<usize> q << 2)), least);
        bits |= <u32> i32x4.bitmask(close) << (q & 31);
      }
      if (until & 31) bits &= ((<u32> 1) << (until & 31)) - 1; // the places after the last row are no rows
      store<u32>(out, bits);
    }
  }
}

export function bit_scores(
  bits: usize,
  words: i32,
  codes: usize,
  codeBytes: i32,
  starts: usize,
  lengths: usize,
  count: i32,
  out: usize,
): void {
  for (let i = 0; i < count; i++) {
    const first = startOf(starts, i);
    const end = first + <usize> load<i32>(lengths + (<usize> i << 2));
    let set: u32 = 0;
    for (let word = 0; word < words; word++) {
      let any: u32 = 0;
      for (let token = first; token < end; token++) {
        any |= load<u32>(bits + ((codeAt(codes, codeBytes, token) * <usize> words + <usize> word) << 2));
      }
      set += popcnt<u32>(any);
    }
    store<f32>(out + (<usize> i << 2), <f32> set);
  }
}

export function close_scores(
  table: usize,
  stride: i32,
  columns: i32,
  threshold: f32,
  lut: usize,
  residualBytes: i32,
  codes: usize,
  codeBytes: i32,
  residuals: usize,
  starts: usize,
  lengths: usize,
  count: i32,
  scratch: usize,
  out: usize,
): void {
  const bytes = <usize> stride << 2;
  const sum = scratch + bytes, all = sum + bytes;
  const least = f32x4.splat(threshold), none = f32x4.splat(-Infinity);
  for (let i = 0; i < count; i++) {
    const first = startOf(starts, i);
    const length = load<i32>(lengths + (<usize> i << 2));
    const end = first + <usize> length;
    fill(scratch, bytes, -Infinity);
    for (let token = first; token < end; token++) {
      keepLarger(scratch, table + codeAt(codes, codeBytes, token) * bytes, bytes);
    }
    let unmet = false; // rows to which no token is close: they need all tokens
    for (let q = 0; q < columns; q++) unmet = unmet || load<f32>(scratch + (<usize> q << 2)) <= threshold;
    fill(scratch, bytes, -Infinity);
    fill(all, bytes, -Infinity);
    for (let token = first; token < end; token++) {
      const row = table + codeAt(codes, codeBytes, token) * bytes;
      if (!unmet && !anyAbove(row, least, bytes)) continue;
      addResidual(row, lut, residuals + token * <usize> residualBytes, residualBytes, bytes, sum);
      keepLarger(all, sum, bytes);
      for (let q: usize = 0; q < bytes; q += 16) {
        const close = f32x4.gt(v128.load(row + q), least);
        const kept = v128.bitselect(v128.load(sum + q), none, close);
        v128.store(scratch + q, f32x4.pmax(v128.load(scratch + q), kept));
      }
    }
    replaceMissing(scratch, all, columns);
    store<f32>(out + (<usize> i << 2), length == 0 ? -Infinity : sumOne(scratch, columns));
  }
}

// @ts-ignore: decorator
@inline
function anyAbove(row: usize, least: v128, bytes: usize): bool {
  for (let q: usize = 0; q < bytes; q += 16) if (v128.any_true(f32x4.gt(v128.load(row + q), least))) return true;
  return false;
}

/** values = other, where values are −∞. */
// @ts-ignore: decorator
@inline
function replaceMissing(values: usize, other: usize, columns: i32): void {
  for (let q: usize = 0; q < <usize> columns << 2; q += 4) {
    if (load<f32>(values + q) == -Infinity) store<f32>(values + q, load<f32>(other + q));
  }
}
