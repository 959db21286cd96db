// AssemblyScript: `deno task build:wasm` compiles this file to maxsim.wasm, which is checked in.
// The loops need relaxed SIMD (fused multiply–add). All addresses are given by the caller, see ../wasm.ts.

/** Widens `count` fp16 values at `from` to float32 at `to`. Exact for all finite values; NaN and infinities do not occur. */
// @ts-ignore: decorator
@inline
function widen(from: usize, to: usize, count: i32): void {
  const sign = i32x4.splat(0x8000);
  const magnitude = i32x4.splat(0x7fff);
  const scale = f32x4.splat(reinterpret<f32>(0x77800000)); // 2^112: moves the exponent's bias from 15 to 127
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    const half = v128.load_ext<u16>(from + (<usize> i << 1));
    const value = f32x4.mul(i32x4.shl(v128.and(half, magnitude), 13), scale);
    v128.store(to + (<usize> i << 2), v128.or(value, i32x4.shl(v128.and(half, sign), 16)));
  }
  for (; i < count; i++) {
    const half = <u32> load<u16>(from + (<usize> i << 1));
    const value = reinterpret<f32>((half & 0x7fff) << 13) * reinterpret<f32>(0x77800000);
    store<u32>(to + (<usize> i << 2), reinterpret<u32>(value) | ((half & 0x8000) << 16));
  }
}

/** best[4] = max(best[4], value). */
// @ts-ignore: decorator
@inline
function keepLarger(best: usize, value: v128): void {
  v128.store(best, f32x4.pmax(v128.load(best), value));
}

/** best[16] = max(best[16], scores of two rows against 16 query rows). */
// @ts-ignore: decorator
@inline
function twoRows(query: usize, a: usize, dim: i32, best: usize): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0, b0 = a0, b1 = a0, b2 = a0, b3 = a0;
  let b = a + (<usize> dim << 2);
  const end = b;
  while (a < end) {
    const x = v128.load_splat<f32>(a), y = v128.load_splat<f32>(b);
    let q = v128.load(query);
    a0 = f32x4.relaxed_madd(x, q, a0);
    b0 = f32x4.relaxed_madd(y, q, b0);
    q = v128.load(query, 16);
    a1 = f32x4.relaxed_madd(x, q, a1);
    b1 = f32x4.relaxed_madd(y, q, b1);
    q = v128.load(query, 32);
    a2 = f32x4.relaxed_madd(x, q, a2);
    b2 = f32x4.relaxed_madd(y, q, b2);
    q = v128.load(query, 48);
    a3 = f32x4.relaxed_madd(x, q, a3);
    b3 = f32x4.relaxed_madd(y, q, b3);
    a += 4;
    b += 4;
    query += 64;
  }
  keepLarger(best, f32x4.pmax(a0, b0));
  keepLarger(best + 16, f32x4.pmax(a1, b1));
  keepLarger(best + 32, f32x4.pmax(a2, b2));
  keepLarger(best + 48, f32x4.pmax(a3, b3));
}

/** best[16] = max(best[16], scores of one row against 16 query rows). */
// @ts-ignore: decorator
@inline
function oneRow(query: usize, row: usize, dim: i32, best: usize): void {
  let a0 = f32x4.splat(0), a1 = a0, a2 = a0, a3 = a0;
  const end = row + (<usize> dim << 2);
  while (row < end) {
    const x = v128.load_splat<f32>(row);
    a0 = f32x4.relaxed_madd(x, v128.load(query), a0);
    a1 = f32x4.relaxed_madd(x, v128.load(query, 16), a1);
    a2 = f32x4.relaxed_madd(x, v128.load(query, 32), a2);
    a3 = f32x4.relaxed_madd(x, v128.load(query, 48), a3);
    row += 4;
    query += 64;
  }
  keepLarger(best, a0);
  keepLarger(best + 16, a1);
  keepLarger(best + 32, a2);
  keepLarger(best + 48, a3);
}

/**
 * MaxSim of one query against `count` passages that lie one after the other.
 *
 * @param query float32, `[padded / 16, dim, 16]`
 * @param padded query rows, filled up to a multiple of 16
 * @param real query rows that count
 * @param rows fp16, `[sum(lengths), dim]`
 * @param lengths int32, `[count]`
 * @param scratch room for two float32 rows
 * @param best room for `padded` float32
 * @param out float32, `[count]`: the scores; −∞ for a passage without rows
 */
export function maxsim(
  query: usize,
  padded: i32,
  real: i32,
  dim: i32,
  rows: usize,
  lengths: usize,
  count: i32,
  scratch: usize,
  best: usize,
  out: usize,
): void {
  const stride = <usize> padded << 2;
  const rowBytes = <usize> dim << 1;
  for (let passage = 0; passage < count; passage++) {
    let left = load<i32>(lengths + (<usize> passage << 2));
    if (left == 0) {
      store<f32>(out + (<usize> passage << 2), -Infinity);
      continue;
    }
    for (let g: usize = 0; g < stride; g += 16) v128.store(best + g, f32x4.splat(-Infinity));
    for (; left >= 2; left -= 2) {
      widen(rows, scratch, dim << 1);
      for (let g: usize = 0; g < stride; g += 64) twoRows(query + g * <usize> dim, scratch, dim, best + g);
      rows += rowBytes << 1;
    }
    if (left == 1) {
      widen(rows, scratch, dim);
      for (let g: usize = 0; g < stride; g += 64) oneRow(query + g * <usize> dim, scratch, dim, best + g);
      rows += rowBytes;
    }
    let sum: f32 = 0;
    for (let q = 0; q < real; q++) sum += load<f32>(best + (<usize> q << 2));
    store<f32>(out + (<usize> passage << 2), sum);
  }
}
