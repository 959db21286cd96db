// AssemblyScript, part of loops.as.ts.
import { BLOCK, fill, keepLarger, startOf, sumOne } from "./rows.as";

// @ts-ignore: decorator
@inline
export function codeAt(codes: usize, bytes: i32, token: usize): usize {
  codes += token * <usize> bytes;
  if (bytes == 2) return load<u16>(codes);
  let code: usize = load<u8>(codes);
  if (bytes > 1) code |= <usize> load<u8>(codes, 1) << 8;
  if (bytes > 2) code |= <usize> load<u8>(codes, 2) << 16;
  if (bytes > 3) code |= <usize> load<u8>(codes, 3) << 24;
  return code;
}

export function centroid_scores(
  table: usize,
  stride: i32,
  columns: i32,
  keep: usize,
  codes: usize,
  codeBytes: i32,
  starts: usize,
  lengths: usize,
  count: i32,
  floor: f32,
  scratch: usize,
  out: usize,
): void {
  const bytes = <usize> stride << 2;
  for (let i = 0; i < count; i++) {
    const first = startOf(starts, i);
    const end = first + <usize> load<i32>(lengths + (<usize> i << 2));
    fill(scratch, bytes, floor);
    for (let token = first; token < end; token++) {
      const code = codeAt(codes, codeBytes, token);
      if (keep != 0 && load<u8>(keep + code) == 0) continue;
      keepLarger(scratch, table + code * bytes, bytes);
    }
    store<f32>(out + (<usize> i << 2), sumOne(scratch, columns));
  }
}

export function residual_table(query: usize, vectors: i32, dim: i32, weights: usize, nbits: i32, lut: usize): void {
  const each = 8 / nbits;
  for (let byte = 0; byte < dim / each; byte++) {
    for (let value = 0; value < 256; value++) {
      for (let v = 0; v < vectors; v++, lut += BLOCK) {
        fill(lut, BLOCK, 0);
        for (let j = 0; j < each; j++) {
          let bucket = 0;
          for (let b = 0; b < nbits; b++) bucket |= ((value >> (7 - j * nbits - b)) & 1) << b;
          const weight = v128.load_splat<f32>(weights + (<usize> bucket << 2));
          const row = query + <usize> (v * dim + byte * each + j) * BLOCK;
          for (let part: usize = 0; part < BLOCK; part += 16) {
            v128.store(lut + part, f32x4.add(v128.load(lut + part), f32x4.mul(v128.load(row + part), weight)));
          }
        }
      }
    }
  }
}

/** sum = a row of the table, and what each byte of a residual adds to it; `bytes`: of a row. */
// @ts-ignore: decorator
@inline
export function addResidual(
  row: usize,
  lut: usize,
  residual: usize,
  residualBytes: i32,
  bytes: usize,
  sum: usize,
): void {
  for (let q: usize = 0; q < bytes; q += BLOCK) {
    let a = v128.load(row + q), b = v128.load(row + q, 16), c = v128.load(row + q, 32), d = v128.load(row + q, 48);
    let entry = lut + q;
    for (let byte = 0; byte < residualBytes; byte++, entry += bytes << 8) {
      const at = entry + <usize> load<u8>(residual + <usize> byte) * bytes;
      a = f32x4.add(a, v128.load(at));
      b = f32x4.add(b, v128.load(at, 16));
      c = f32x4.add(c, v128.load(at, 32));
      d = f32x4.add(d, v128.load(at, 48));
    }
    v128.store(sum + q, a);
    v128.store(sum + q, b, 16);
    v128.store(sum + q, c, 32);
    v128.store(sum + q, d, 48);
  }
}

export function residual_scores(
  table: usize,
  stride: i32,
  columns: i32,
  lut: usize,
  residualBytes: i32,
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
  const bytes = <usize> stride << 2;
  const sum = scratch + bytes;
  for (let i = 0; i < count; i++) {
    const first = startOf(starts, i);
    const length = load<i32>(lengths + (<usize> i << 2));
    fill(scratch, bytes, -Infinity);
    for (let token = first; token < first + <usize> length; token++) {
      const row = table + codeAt(codes, codeBytes, token) * bytes;
      const norm = v128.load_splat<f32>(normValues + (<usize> load<u8>(norms + token) << 2));
      addResidual(row, lut, residuals + token * <usize> residualBytes, residualBytes, bytes, sum);
      for (let q: usize = 0; q < bytes; q += 16) {
        const scaled = f32x4.mul(v128.load(sum + q), norm);
        v128.store(scratch + q, f32x4.pmax(v128.load(scratch + q), scaled));
      }
    }
    store<f32>(out + (<usize> i << 2), length == 0 ? -Infinity : sumOne(scratch, columns));
  }
}

// @ts-ignore: decorator
@inline
function bitsAt(bytes: usize, bit: u64): u64 {
  return load<u64>(bytes + <usize> (bit >> 3)) >> (bit & 7);
}

/** Where the next bit of a list is. */
let cursor: u64 = 0;

/** Reads a distance in Rice's code, and moves on behind it. */
// @ts-ignore: decorator
@inline
function readDistance(list: usize, rice: u32): u32 {
  let bit = cursor;
  let word = bitsAt(list, bit);
  let high: u32 = 0;
  for (; (word & 0xffffffff) == 0; word = bitsAt(list, bit)) {
    high += 32;
    bit += 32;
  }
  const zeros = <u32> ctz<u64>(word);
  bit += zeros + 1;
  const low = <u32> (bitsAt(list, bit) & (((<u64> 1) << rice) - 1));
  cursor = bit + rice;
  return ((high + zeros) << rice) + low;
}

export function step_scores(
  table: usize,
  stride: i32,
  columns: i32,
  steps: usize,
  dim: i32,
  rice: i32,
  codes: usize,
  codeBytes: i32,
  residuals: usize,
  residualStarts: usize,
  norms: usize,
  normValues: usize,
  starts: usize,
  lengths: usize,
  count: i32,
  scratch: usize,
  out: usize,
): void {
  const bytes = <usize> stride << 2;
  const sum = scratch + bytes;
  for (let i = 0; i < count; i++) {
    const first = startOf(starts, i);
    const length = load<i32>(lengths + (<usize> i << 2));
    const list = residuals + startOf(residualStarts, i);
    cursor = 0;
    let place: i32 = length == 0 ? 0 : <i32> readDistance(list, rice);
    let end = dim;
    fill(scratch, bytes, -Infinity);
    for (let token = first; token < first + <usize> length; token++, end += dim) {
      const row = table + codeAt(codes, codeBytes, token) * bytes;
      const norm = v128.load_splat<f32>(normValues + (<usize> load<u8>(norms + token) << 2));
      memory.copy(sum, row, bytes);
      while (place < end) {
        const down = (load<u8>(list + <usize> (cursor >> 3)) >> <u8> (cursor & 7)) & 1;
        const step = steps + <usize> ((place - end + dim) * 2 + down) * bytes;
        for (let q: usize = 0; q < bytes; q += 16) {
          v128.store(sum + q, f32x4.add(v128.load(sum + q), v128.load(step + q)));
        }
        cursor++;
        place += readDistance(list, rice);
      }
      for (let q: usize = 0; q < bytes; q += 16) {
        const scaled = f32x4.mul(v128.load(sum + q), norm);
        v128.store(scratch + q, f32x4.pmax(v128.load(scratch + q), scaled));
      }
    }
    store<f32>(out + (<usize> i << 2), length == 0 ? -Infinity : sumOne(scratch, columns));
  }
}

export function mark_lists(lists: usize, starts: usize, count: i32, words: i32, out: usize): void {
  memory.fill(out, 0, <usize> words << 2);
  for (let i = 0; i < count; i++) {
    let list = lists + startOf(starts, i);
    const r = <u32> load<u8>(list++);
    let left: u32 = 0, number: u32 = 0;
    for (let shift: u32 = 0;; shift += 7) {
      const part = <u32> load<u8>(list++);
      left |= (part & 127) << shift;
      if (part < 128) break;
    }
    for (cursor = 0; left > 0; left--) {
      number += readDistance(list, r);
      const at = out + (<usize> (number >> 5) << 2);
      store<u32>(at, load<u32>(at) | (<u32> 1 << (number & 31)));
      number++;
    }
  }
}
