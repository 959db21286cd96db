// AssemblyScript, part of loops.as.ts.
import { BLOCK } from "./rows.as";

export const ROWS: i32 = 6; // rows at a time

/**
 * sums[6, 16] = products of `count` rows, one behind the other, with one vector of a query. Six rows times eight lanes, eight values of
 * the query and one of a row are all that fits in sixteen registers: twelve chains of additions hide how long each takes.
 */
export function multiply(query: usize, rows: usize, count: i32, dim: i32, sums: usize): void {
  const rowBytes = <usize> dim << 2;
  const a = rows; // missing rows are the first one again
  const b = count > 1 ? a + rowBytes : a;
  const c = count > 2 ? b + rowBytes : a;
  const d = count > 3 ? c + rowBytes : a;
  const e = count > 4 ? d + rowBytes : a;
  const f = count > 5 ? e + rowBytes : a;
  for (let part: usize = 0; part < BLOCK; part += 32) {
    let a0 = f32x4.splat(0), a1 = a0, b0 = a0, b1 = a0, c0 = a0, c1 = a0;
    let d0 = a0, d1 = a0, e0 = a0, e1 = a0, f0 = a0, f1 = a0;
    let q = query + part;
    for (let i: usize = 0; i < rowBytes; i += 4, q += BLOCK) {
      const low = v128.load(q), high = v128.load(q, 16);
      let value = v128.load_splat<f32>(a + i);
      a0 = f32x4.relaxed_madd(value, low, a0);
      a1 = f32x4.relaxed_madd(value, high, a1);
      value = v128.load_splat<f32>(b + i);
      b0 = f32x4.relaxed_madd(value, low, b0);
      b1 = f32x4.relaxed_madd(value, high, b1);
      value = v128.load_splat<f32>(c + i);
      c0 = f32x4.relaxed_madd(value, low, c0);
      c1 = f32x4.relaxed_madd(value, high, c1);
      value = v128.load_splat<f32>(d + i);
      d0 = f32x4.relaxed_madd(value, low, d0);
      d1 = f32x4.relaxed_madd(value, high, d1);
      value = v128.load_splat<f32>(e + i);
      e0 = f32x4.relaxed_madd(value, low, e0);
      e1 = f32x4.relaxed_madd(value, high, e1);
      value = v128.load_splat<f32>(f + i);
      f0 = f32x4.relaxed_madd(value, low, f0);
      f1 = f32x4.relaxed_madd(value, high, f1);
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
    v128.store(to, e0, 256);
    v128.store(to, e1, 272);
    v128.store(to, f0, 320);
    v128.store(to, f1, 336);
  }
}
