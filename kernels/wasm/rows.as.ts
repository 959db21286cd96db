// AssemblyScript, part of loops.as.ts.

export const LANES: i32 = 16;
export const BLOCK: usize = 64; // bytes of sixteen floats

/** Widens `count` fp16 values at `from` to float32 at `to`. Exact for all finite values; NaN and infinities do not occur. */
// @ts-ignore: decorator
@inline
export function widen(from: usize, to: usize, count: i32): void {
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
export function widenOne(half: u16): f32 {
  const value = reinterpret<f32>((<u32> half & 0x7fff) << 13) * reinterpret<f32>(0x77800000);
  return reinterpret<f32>(reinterpret<u32>(value) | ((<u32> half & 0x8000) << 16));
}

/** Address of `count` float32 rows from row `first`, widened into `scratch` where they are fp16. */
// @ts-ignore: decorator
@inline
export function floats(rows: usize, half: i32, first: usize, count: i32, dim: i32, scratch: usize): usize {
  if (half == 0) return rows + ((first * <usize> dim) << 2);
  widen(rows + ((first * <usize> dim) << 1), scratch, count * dim);
  return scratch;
}

/** best[bytes] = max(best, values), floats. */
// @ts-ignore: decorator
@inline
export function keepLarger(best: usize, values: usize, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) v128.store(best + i, f32x4.pmax(v128.load(best + i), v128.load(values + i)));
}

// @ts-ignore: decorator
@inline
export function fill(target: usize, bytes: usize, value: f32): void {
  for (let i: usize = 0; i < bytes; i += 4) store<f32>(target + i, value);
}

export function sumQueries(best: usize, spans: usize, queries: i32, out: usize): void {
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
export function sumOne(best: usize, columns: i32): f32 {
  let sum: f32 = 0;
  for (let q = 0; q < columns; q++) sum += load<f32>(best + (<usize> q << 2));
  return sum;
}

// @ts-ignore: decorator
@inline
export function startOf(starts: usize, passage: i32): usize {
  return <usize> load<f64>(starts + (<usize> passage << 3));
}
