// AssemblyScript, part of loops.as.ts.
import { widen } from "./rows.as";

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
