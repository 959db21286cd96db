// AssemblyScript, part of loops.as.ts.
import { BLOCK } from "./rows.as";

export const ROWS: i32 = 4; // rows at a time

/**
 * sums[4, 16] = products of `count` rows, one behind the other, with one vector of a query. Four rows times eight lanes stay in
 * registers; what a row has is loaded for four dimensions at once, since every load is checked against the memory's end.
 */
export function multiply(query: usize, rows: usize, count: i32, dim: i32, sums: usize): void {
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
