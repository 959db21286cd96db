// AssemblyScript: `deno task build:wasm` compiles this file to loops.wasm, which is checked in. ../loops.ts says what each loop
// means; arguments are the same, arrays are addresses. Sixteen lanes, in four vectors of four floats. The loops need relaxed SIMD
// (fused multiply–add).

const LANES: i32 = 16;
const BLOCK: usize = 64; // bytes of sixteen floats

/** Widens `count` fp16 values at `from` to float32 at `to`. Exact for all finite values; NaN and infinities do not occur. */
// @ts-ignore: decorator
@inline
function widen(from: usize, to: usize, count: i32): void {
  const kept = i32x4.splat(0x8fffe000); // of a half that was made longer and shifted: its sign, exponent and fraction
  const scale = f32x4.splat(reinterpret<f32>(0x77800000)); // 2^112: moves the exponent's bias from 15 to 127
  let i = 0;
  for (; i + 8 <= count; i += 8) {
    const halves = v128.load(from + (<usize> i << 1));
    const target = to + (<usize> i << 2);
    const low = i32x4.shl(i32x4.extend_low_i16x8_s(halves), 13), high = i32x4.shl(i32x4.extend_high_i16x8_s(halves), 13);
    v128.store(target, f32x4.mul(v128.and(low, kept), scale));
    v128.store(target, f32x4.mul(v128.and(high, kept), scale), 16);
  }
  for (; i < count; i++) store<f32>(to + (<usize> i << 2), widenOne(load<u16>(from + (<usize> i << 1))));
}

// @ts-ignore: decorator
@inline
function widenOne(half: u16): f32 {
  const value = reinterpret<f32>((<u32> half & 0x7fff) << 13) * reinterpret<f32>(0x77800000);
  return reinterpret<f32>(reinterpret<u32>(value) | ((<u32> half & 0x8000) << 16));
}

/** Address of `count` float32 rows from row `first`, widened into `scratch` where they are fp16. */
// @ts-ignore: decorator
@inline
function floats(rows: usize, half: i32, first: usize, count: i32, dim: i32, scratch: usize): usize {
  if (half == 0) return rows + ((first * <usize> dim) << 2);
  widen(rows + ((first * <usize> dim) << 1), scratch, count * dim);
  return scratch;
}

const ROWS: i32 = 4; // rows at a time

/**
 * sums[4, 16] = products of `count` rows, one behind the other, with one vector of a query. Four rows times eight lanes stay in
 * registers; what a row has is loaded for four dimensions at once, since every load is checked against the memory's end.
 */
function multiply(query: usize, rows: usize, count: i32, dim: i32, sums: usize): void {
  const rowBytes = <usize> dim << 2;
  const a = rows; // missing rows are the first one again
  const b = count > 1 ? a + rowBytes : a;
  const c = count > 2 ? b + rowBytes : a;
  const d = count > 3 ? c + rowBytes : a;
  for (let part: usize = 0; part < BLOCK; part += 32) {
    let a0 = f32x4.splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0, d0 = a0, d1 = a0;
    let q = query + part;
    let i: usize = 0;
    for (; i + 16 <= rowBytes; i += 16) {
      const x = v128.load(a + i), y = v128.load(b + i), z = v128.load(c + i), w = v128.load(d + i);
      let low = v128.load(q), high = v128.load(q, 16);
      let row = v128.shuffle<f32>(x, x, 0, 0, 0, 0);
      a0 = f32x4.relaxed_madd(row, low, a0);
      a1 = f32x4.relaxed_madd(row, high, a1);
      row = v128.shuffle<f32>(y, y, 0, 0, 0, 0);
      b0 = f32x4.relaxed_madd(row, low, b0);
      b1 = f32x4.relaxed_madd(row, high, b1);
      row = v128.shuffle<f32>(z, z, 0, 0, 0, 0);
      c0 = f32x4.relaxed_madd(row, low, c0);
      c1 = f32x4.relaxed_madd(row, high, c1);
      row = v128.shuffle<f32>(w, w, 0, 0, 0, 0);
      d0 = f32x4.relaxed_madd(row, low, d0);
      d1 = f32x4.relaxed_madd(row, high, d1);
      low = v128.load(q, 64);
      high = v128.load(q, 80);
      row = v128.shuffle<f32>(x, x, 1, 1, 1, 1);
      a0 = f32x4.relaxed_madd(row, low, a0);
      a1 = f32x4.relaxed_madd(row, high, a1);
      row = v128.shuffle<f32>(y, y, 1, 1, 1, 1);
      b0 = f32x4.relaxed_madd(row, low, b0);
      b1 = f32x4.relaxed_madd(row, high, b1);
      row = v128.shuffle<f32>(z, z, 1, 1, 1, 1);
      c0 = f32x4.relaxed_madd(row, low, c0);
      c1 = f32x4.relaxed_madd(row, high, c1);
      row = v128.shuffle<f32>(w, w, 1, 1, 1, 1);
      d0 = f32x4.relaxed_madd(row, low, d0);
      d1 = f32x4.relaxed_madd(row, high, d1);
      low = v128.load(q, 128);
      high = v128.load(q, 144);
      row = v128.shuffle<f32>(x, x, 2, 2, 2, 2);
      a0 = f32x4.relaxed_madd(row, low, a0);
      a1 = f32x4.relaxed_madd(row, high, a1);
      row = v128.shuffle<f32>(y, y, 2, 2, 2, 2);
      b0 = f32x4.relaxed_madd(row, low, b0);
      b1 = f32x4.relaxed_madd(row, high, b1);
      row = v128.shuffle<f32>(z, z, 2, 2, 2, 2);
      c0 = f32x4.relaxed_madd(row, low, c0);
      c1 = f32x4.relaxed_madd(row, high, c1);
      row = v128.shuffle<f32>(w, w, 2, 2, 2, 2);
      d0 = f32x4.relaxed_madd(row, low, d0);
      d1 = f32x4.relaxed_madd(row, high, d1);
      low = v128.load(q, 192);
      high = v128.load(q, 208);
      row = v128.shuffle<f32>(x, x, 3, 3, 3, 3);
      a0 = f32x4.relaxed_madd(row, low, a0);
      a1 = f32x4.relaxed_madd(row, high, a1);
      row = v128.shuffle<f32>(y, y, 3, 3, 3, 3);
      b0 = f32x4.relaxed_madd(row, low, b0);
      b1 = f32x4.relaxed_madd(row, high, b1);
      row = v128.shuffle<f32>(z, z, 3, 3, 3, 3);
      c0 = f32x4.relaxed_madd(row, low, c0);
      c1 = f32x4.relaxed_madd(row, high, c1);
      row = v128.shuffle<f32>(w, w, 3, 3, 3, 3);
      d0 = f32x4.relaxed_madd(row, low, d0);
      d1 = f32x4.relaxed_madd(row, high, d1);
      q += 256;
    }
    for (; i < rowBytes; i += 4, q += 64) {
      const low = v128.load(q), high = v128.load(q, 16);
      let row = v128.load_splat<f32>(a + i);
      a0 = f32x4.relaxed_madd(row, low, a0);
      a1 = f32x4.relaxed_madd(row, high, a1);
      row = v128.load_splat<f32>(b + i);
      b0 = f32x4.relaxed_madd(row, low, b0);
      b1 = f32x4.relaxed_madd(row, high, b1);
      row = v128.load_splat<f32>(c + i);
      c0 = f32x4.relaxed_madd(row, low, c0);
      c1 = f32x4.relaxed_madd(row, high, c1);
      row = v128.load_splat<f32>(d + i);
      d0 = f32x4.relaxed_madd(row, low, d0);
      d1 = f32x4.relaxed_madd(row, high, d1);
    }
    const to = sums + part;
    v128.store(to, a0);
    v128.store(to, a1, 16);
    v128.store(to, b0, 64);
    v128.store(to, b1, 80);
    v128.store(to, c0, 128);
    v128.store(to, c1, 144);
    v128.store(to, d0, 192);
    v128.store(to, d1, 208);
  }
}

/** best[bytes] = max(best, values), floats. */
// @ts-ignore: decorator
@inline
function keepLarger(best: usize, values: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) v128.store(best + i, f32x4.pmax(v128.load(best + i), v128.load(values + i)));
}

// @ts-ignore: decorator
@inline
function fill(target: usize, bytes: usize, value: f32): void {
  for (let i: usize = 0; i < bytes; i += 4) store<f32>(target + i, value);
}

function sumQueries(best: usize, spans: usize, queries: i32, out: usize): void {
  for (let i = 0; i < queries; i++) {
    const first = best + (<usize> load<i32>(spans + (<usize> i << 3)) << 2);
    const rows = load<i32>(spans + (<usize> i << 3), 4);
    let sum: f32 = 0;
    for (let q = 0; q < rows; q++) sum += load<f32>(first + (<usize> q << 2));
    store<f32>(out + (<usize> i << 2), sum);
  }
}

// @ts-ignore: decorator
@inline
function sumOne(best: usize, columns: i32): f32 {
  let sum: f32 = 0;
  for (let q = 0; q < columns; q++) sum += load<f32>(best + (<usize> q << 2));
  return sum;
}

// @ts-ignore: decorator
@inline
function startOf(starts: usize, passage: i32): usize {
  return <usize> load<f64>(starts + (<usize> passage << 3));
}

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
  const sums = scratch + (<usize> dim << 4);
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
          // Four lanes; products of two dimensions each stand side by side, and are added at the end.
          let low = i32x4.splat(0), high = low;
          const offset = v128.load(offsets + <usize> v * BLOCK + part);
          let q = query + <usize> v * <usize> dim * 16 + part;
          const row = rows + t * <usize> dim;
          for (let d: usize = 0; d < <usize> dim; d += 4, q += BLOCK) {
            const four = i16x8.extend_low_i8x16_u(v128.load_splat<u32>(row + d));
            const lanes = v128.load(q);
            low = i32x4.add(low, i32x4.dot_i16x8_s(i16x8.extend_low_i8x16_s(lanes), four));
            high = i32x4.add(high, i32x4.dot_i16x8_s(i16x8.extend_high_i8x16_s(lanes), four));
          }
          const even = v128.shuffle<i32>(low, high, 0, 2, 4, 6);
          const odd = v128.shuffle<i32>(low, high, 1, 3, 5, 7);
          const value = f32x4.mul(f32x4.convert_i32x4_s(i32x4.add(offset, i32x4.add(even, odd))), scale);
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
      let level = nearest_f32(value * inverse);
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

// @ts-ignore: decorator
@inline
function nearest_f32(value: f32): f32 {
  return f32.nearest(value);
}

export function products(
  query: usize,
  vectors: i32,
  dim: i32,
  rows: usize,
  half: i32,
  count: i32,
  scratch: usize,
  out: usize,
): void {
  const sums = scratch + (<usize> dim << 4);
  const stride = <usize> vectors * BLOCK;
  for (let row = 0; row < count; row += ROWS, out += stride * ROWS) {
    const block = min(count - row, ROWS);
    const wide = floats(rows, half, <usize> row, block, dim, scratch);
    for (let v: usize = 0; v < <usize> vectors; v++) {
      multiply(query + v * <usize> dim * BLOCK, wide, block, dim, sums);
      for (let r: usize = 0; r < <usize> block; r++) memory.copy(out + r * stride + v * BLOCK, sums + r * BLOCK, BLOCK);
    }
  }
}

export function top_cells(
  products: usize,
  count: i32,
  stride: i32,
  columns: i32,
  k: i32,
  worst: usize,
  values: usize,
  numbers: usize,
): void {
  fill(values, <usize> (columns * k) << 2, -Infinity);
  memory.fill(numbers, 0xff, <usize> (columns * k) << 2); // −1
  for (let q = 0; q < stride; q++) store<f32>(worst + (<usize> q << 2), q < columns ? -Infinity : Infinity);
  for (let row = 0; row < count; row++, products += <usize> stride << 2) {
    for (let q = 0; q < columns; q += 4) {
      const at = <usize> q << 2;
      if (!v128.any_true(f32x4.gt(v128.load(products + at), v128.load(worst + at)))) continue;
      for (let c = q; c < q + 4 && c < columns; c++) {
        const value = load<f32>(products + (<usize> c << 2));
        if (!(value > load<f32>(worst + (<usize> c << 2)))) continue;
        const list = <usize> (c * k) << 2;
        insert(values + list, numbers + list, k, value, row);
        store<f32>(worst + (<usize> c << 2), load<f32>(values + list + (<usize> (k - 1) << 2)));
      }
    }
  }
}

/** Puts (value, number) into a list that is sorted, best first; the last one falls out. Equal values: the first stays first. */
function insert(values: usize, numbers: usize, k: i32, value: f32, number: i32): void {
  let at = <usize> (k - 1) << 2;
  for (; at > 0 && load<f32>(values + at - 4) < value; at -= 4) {
    store<f32>(values + at, load<f32>(values + at - 4));
    store<i32>(numbers + at, load<i32>(numbers + at - 4));
  }
  store<f32>(values + at, value);
  store<i32>(numbers + at, number);
}

// @ts-ignore: decorator
@inline
function codeAt(codes: usize, bytes: i32, token: usize): usize {
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
  starts: usize,
  lengths: usize,
  count: i32,
  scratch: usize,
  out: usize,
): void {
  const bytes = <usize> stride << 2;
  for (let i = 0; i < count; i++) {
    const first = startOf(starts, i);
    const length = load<i32>(lengths + (<usize> i << 2));
    fill(scratch, bytes, -Infinity);
    for (let token = first; token < first + <usize> length; token++) {
      const row = table + codeAt(codes, codeBytes, token) * bytes;
      const residual = residuals + token * <usize> residualBytes;
      const norm = f32x4.splat(widenOne(load<u16>(norms + (token << 1))));
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
        const best = scratch + q;
        v128.store(best, f32x4.pmax(v128.load(best), f32x4.mul(a, norm)));
        v128.store(best, f32x4.pmax(v128.load(best, 16), f32x4.mul(b, norm)), 16);
        v128.store(best, f32x4.pmax(v128.load(best, 32), f32x4.mul(c, norm)), 32);
        v128.store(best, f32x4.pmax(v128.load(best, 48), f32x4.mul(d, norm)), 48);
      }
    }
    store<f32>(out + (<usize> i << 2), length == 0 ? -Infinity : sumOne(scratch, columns));
  }
}

export function block_rows(rows: usize, half: i32, dim: i32, numbers: usize, count: i32, scratch: usize, out: usize): void {
  for (let i = 0; i < (count + LANES - 1) / LANES * LANES; i++) {
    const number = load<i32>(numbers + (<usize> (i < count ? i : <i32> 0) << 2));
    const row = floats(rows, half, <usize> number, 1, dim, scratch);
    const to = out + <usize> (i / LANES) * <usize> dim * BLOCK + (<usize> (i % LANES) << 2);
    for (let d: usize = 0; d < <usize> dim; d++) store<f32>(to + d * BLOCK, load<f32>(row + (d << 2)));
  }
}

const GROUP: i32 = 32; // rows that pass while a tile of centroids stays in the cache
const TILE: i32 = 16; // vectors of centroids

export function nearest(
  centroids: usize,
  names: usize,
  count: i32,
  dim: i32,
  rows: usize,
  half: i32,
  numbers: usize,
  rowsCount: i32,
  scratch: usize,
  out: usize,
  scores: usize,
): void {
  const rowBytes = <usize> dim << 2;
  const vectors = (count + LANES - 1) / LANES;
  const best = scratch + <usize> GROUP * rowBytes;
  const which = best + <usize> GROUP * BLOCK;
  const sums = which + <usize> GROUP * BLOCK;
  for (let from = 0; from < rowsCount; from += GROUP) {
    const group = min(GROUP, rowsCount - from);
    for (let r = 0; r < group; r++) {
      const number = numbers == 0 ? from + r : load<i32>(numbers + (<usize> (from + r) << 2));
      const to = scratch + <usize> r * rowBytes;
      const row = floats(rows, half, <usize> number, 1, dim, to);
      if (row != to) memory.copy(to, row, rowBytes);
    }
    fill(best, <usize> group * BLOCK, -Infinity);
    memory.fill(which, 0, <usize> group * BLOCK);
    for (let tile = 0; tile < vectors; tile += TILE) {
      for (let r = 0; r < group; r += ROWS) {
        const block = min(group - r, ROWS);
        for (let v = tile; v < min(tile + TILE, vectors); v++) {
          multiply(centroids + <usize> v * <usize> dim * BLOCK, scratch + <usize> r * rowBytes, block, dim, sums);
          const number = i32x4.splat(v);
          const first = <usize> r * BLOCK;
          for (let i: usize = 0; i < <usize> block * BLOCK; i += 16) {
            const value = v128.load(sums + i), top = v128.load(best + first + i);
            const take = f32x4.gt(value, top);
            v128.store(best + first + i, v128.bitselect(value, top, take));
            v128.store(which + first + i, v128.bitselect(number, v128.load(which + first + i), take));
          }
        }
      }
    }
    for (let r = 0; r < group; r++) {
      let top: f32 = -Infinity;
      let at = 0;
      for (let lane = 0; lane < LANES; lane++) { // of equal ones the first in the list
        const place = <usize> (r * LANES + lane) << 2;
        const score = load<f32>(best + place);
        let centroid = load<i32>(which + place) * LANES + lane;
        if (centroid >= count) centroid = 0;
        if (score > top || (score == top && centroid < at)) {
          top = score;
          at = centroid;
        }
      }
      const to = <usize> (from + r) << 2;
      store<i32>(out + to, names == 0 ? at : load<i32>(names + (<usize> at << 2)));
      if (scores != 0) store<f32>(scores + to, top);
    }
  }
}

export function sum_lists(
  rows: usize,
  half: i32,
  dim: i32,
  numbers: usize,
  offsets: usize,
  lists: i32,
  scratch: usize,
  out: usize,
): void {
  for (let i = 0; i < lists; i++, out += <usize> dim << 2) {
    fill(out, <usize> dim << 2, 0);
    const end = load<i32>(offsets + (<usize> i << 2), 4);
    for (let at = load<i32>(offsets + (<usize> i << 2)); at < end; at++) {
      const row = floats(rows, half, <usize> load<i32>(numbers + (<usize> at << 2)), 1, dim, scratch);
      for (let d: usize = 0; d < <usize> dim << 2; d += 4) store<f32>(out + d, load<f32>(out + d) + load<f32>(row + d));
    }
  }
}

export function pq_tables(query: usize, codebooks: usize, m: i32, ksub: i32, dsub: i32, tables: usize): void {
  for (let j = 0; j < m; j++, query += <usize> dsub << 2) {
    for (let c = 0; c < ksub; c++, tables += 4) {
      let sum: f32 = 0;
      for (let d: usize = 0; d < <usize> dsub << 2; d += 4, codebooks += 4) {
        const difference = load<f32>(query + d) - load<f32>(codebooks);
        sum += difference * difference;
      }
      store<f32>(tables, sum);
    }
  }
}

export function pq_scan(tables: usize, m: i32, ksub: i32, codes: usize, count: i32, base: f32, out: usize): void {
  for (let i = 0; i < count; i++, out += 4) {
    let sum = base;
    let table = tables;
    for (let j = 0; j < m; j++, codes++, table += <usize> ksub << 2) sum += load<f32>(table + (<usize> load<u8>(codes) << 2));
    store<f32>(out, sum);
  }
}

export function widen_rows(from: usize, to: usize, count: i32): void {
  widen(from, to, count);
}

export function narrow_rows(from: usize, to: usize, count: i32): void {
  for (let i = 0; i < count; i++, from += 4, to += 2) {
    const all = load<u32>(from);
    const sign = (all >> 16) & 0x8000;
    let bits = all & 0x7fffffff;
    if (bits >= 0x47800000) bits = bits > 0x7f800000 ? 0x7e00 : 0x7c00; // 65536 and more, infinity, NaN
    else if (bits < 0x38800000) { // less than 2^-14: adding 0.5 lets the addition round
      bits = reinterpret<u32>(reinterpret<f32>(bits) + 0.5) - 0x3f000000;
    } else bits = (bits + 0xfff + ((bits >> 13) & 1) - 0x38000000) >> 13;
    store<u16>(to, <u16> (sign | bits));
  }
}

/** Runs `rounds` × 64 fused multiply–adds of vectors of four floats; the result has to be used. */
export function fma_peak(rounds: i32): f32 {
  // Constants that the compiler knows would be loaded anew for each use.
  const factor = f32x4.splat(<f32> (rounds & 1)), term = f32x4.splat(<f32> (rounds & 3));
  let a = f32x4.splat(1), b = f32x4.splat(2), c = f32x4.splat(3), d = f32x4.splat(4);
  let e = f32x4.splat(5), f = f32x4.splat(6), g = f32x4.splat(7), h = f32x4.splat(8);
  for (let round = 0; round < rounds * 8; round++) {
    a = f32x4.relaxed_madd(a, factor, term);
    b = f32x4.relaxed_madd(b, factor, term);
    c = f32x4.relaxed_madd(c, factor, term);
    d = f32x4.relaxed_madd(d, factor, term);
    e = f32x4.relaxed_madd(e, factor, term);
    f = f32x4.relaxed_madd(f, factor, term);
    g = f32x4.relaxed_madd(g, factor, term);
    h = f32x4.relaxed_madd(h, factor, term);
  }
  const sum = f32x4.add(f32x4.add(f32x4.add(a, b), f32x4.add(c, d)), f32x4.add(f32x4.add(e, f), f32x4.add(g, h)));
  return f32x4.extract_lane(sum, 0);
}

export function copy_bytes(to: usize, from: usize, count: i32): void {
  memory.copy(to, from, <usize> count);
}
