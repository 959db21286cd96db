// AssemblyScript, part of loops.as.ts.
import { BLOCK, fill, keepLarger, startOf, sumOne, widenOne } from "./rows.as";

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

/** What a list tells that goes on beyond its end: more than any place or number. */
const CUT_OFF: u64 = 1 << 62;

/** Where the next bit of a list is. */
let cursor: u64 = 0;

/**
 * Reads a distance in Rice's code, and moves on behind it. Nothing beyond the list's `end` bits counts, since the list may be anybody's;
 * `rice` is at most 31.
 */
// @ts-ignore: decorator
@inline
function readDistance(list: usize, rice: u32, end: u64): u64 {
  let bit = cursor;
  let word = bitsAt(list, bit);
  let high: u64 = 0;
  for (; (word & 0xffffffff) == 0; word = bitsAt(list, bit)) {
    high += 32;
    bit += 32;
    if (bit > end) return CUT_OFF;
  }
  const zeros = ctz<u64>(word);
  bit += zeros + 1;
  word >>= zeros + 1;
  if (rice > 25) { // 57 bits of a word are the list's, of which 32 may be gone
    if (bit > end) return CUT_OFF;
    word = bitsAt(list, bit);
  }
  cursor = bit + rice;
  if (cursor > end) return CUT_OFF;
  return ((high + zeros) << rice) + (word & (((<u64> 1) << rice) - 1));
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
  residualEnds: usize,
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
    if (length == 0) {
      store<f32>(out + (<usize> i << 2), -Infinity);
      continue;
    }
    const list = residuals + startOf(residualStarts, i);
    const last: u64 = (<u64> (startOf(residualEnds, i) - startOf(residualStarts, i))) << 3;
    cursor = 0;
    let place = readDistance(list, rice, last);
    let from: u64 = 0; // the place of the token's first dimension
    fill(scratch, bytes, -Infinity);
    for (let token = first; token < first + <usize> length; token++, from += <u64> dim) {
      const row = table + codeAt(codes, codeBytes, token) * bytes;
      const norm = v128.load_splat<f32>(normValues + (<usize> load<u8>(norms + token) << 2));
      memory.copy(sum, row, bytes);
      while (place < from + <u64> dim) {
        const down = (load<u8>(list + <usize> (cursor >> 3)) >> <u8> (cursor & 7)) & 1;
        const step = steps + (<usize> (place - from) * 2 + down) * bytes;
        for (let q: usize = 0; q < bytes; q += 16) {
          v128.store(sum + q, f32x4.add(v128.load(sum + q), v128.load(step + q)));
        }
        cursor++;
        place += readDistance(list, rice, last);
      }
      for (let q: usize = 0; q < bytes; q += 16) {
        const scaled = f32x4.mul(v128.load(sum + q), norm);
        v128.store(scratch + q, f32x4.pmax(v128.load(scratch + q), scaled));
      }
    }
    store<f32>(out + (<usize> i << 2), place >= CUT_OFF ? NaN : sumOne(scratch, columns));
  }
}

export function mark_lists(
  lists: usize,
  starts: usize,
  ends: usize,
  count: i32,
  limit: i32,
  words: i32,
  out: usize,
  broken: usize,
): void {
  memory.fill(out, 0, <usize> words << 2);
  store<i32>(broken, 0);
  for (let i = 0; i < count; i++) {
    let list = lists + startOf(starts, i);
    const last = lists + startOf(ends, i);
    const r: u32 = list < last ? <u32> load<u8>(list++) : 32;
    let left: u64 = 0;
    let more = true;
    for (let shift: u32 = 0; more && shift < 35 && list < last; shift += 7) {
      const part = <u64> load<u8>(list++);
      left |= (part & 127) << shift;
      more = part >= 128;
    }
    if (r > 31 || more) {
      store<i32>(broken, i + 1);
      continue;
    }
    const end: u64 = (<u64> (last - list)) << 3;
    cursor = 0;
    for (let number: u64 = 0; left > 0; left--, number++) {
      number += readDistance(list, r, end);
      if (number >= <u64> limit) { // nothing is ever written beyond
        store<i32>(broken, i + 1);
        break;
      }
      const at = out + (<usize> (number >> 5) << 2);
      store<u32>(at, load<u32>(at) | (<u32> 1 << (<u32> number & 31)));
    }
  }
}

/** The largest of some codes. */
export function largest_code(codes: usize, codeBytes: i32, count: i32, out: usize): void {
  let most: usize = 0;
  if (codeBytes == 2) {
    let tops = i16x8.splat(0);
    let i = 0;
    for (; i + 8 <= count; i += 8) tops = i16x8.max_u(tops, v128.load(codes + (<usize> i << 1)));
    for (; i < count; i++) most = max(most, codeAt(codes, 2, i));
    for (let lane = 0; lane < 8; lane++) {
      most = max(most, <usize> <u16> (i16x8.extract_lane_u(tops, 0)));
      tops = v128.shuffle<u16>(tops, tops, 1, 2, 3, 4, 5, 6, 7, 0);
    }
  } else {
    for (let i = 0; i < count; i++) most = max(most, codeAt(codes, codeBytes, i));
  }
  store<u32>(out, <u32> most);
}

/** The largest magnitude, infinity for a NaN; bits without the sign are in the order of magnitudes, with those of NaNs last. */
export function largest_value(values: usize, half: i32, count: i32, out: usize): void {
  let top: u32 = 0;
  if (half) {
    for (let i = 0; i < count; i++) top = max(top, <u32> load<u16>(values + (<usize> i << 1)) & 0x7fff);
    store<f32>(out, top >= 0x7c00 ? Infinity : widenOne(<u16> top));
    return;
  }
  for (let i = 0; i < count; i++) top = max(top, load<u32>(values + (<usize> i << 2)) & 0x7fffffff);
  store<f32>(out, top >= 0x7f800000 ? Infinity : reinterpret<f32>(top));
}
