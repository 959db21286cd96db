// AssemblyScript, part of loops.as.ts.
import { multiply, ROWS } from "./multiply.as";
import { BLOCK, fill, floats } from "./rows.as";

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
  const sums = scratch + ((<usize> dim * ROWS) << 2);
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

export function largest(table: usize, count: i32, stride: i32, columns: i32, out: usize): void {
  for (let i = 0; i < count; i++, table += <usize> stride << 2) {
    let top: f32 = -Infinity;
    for (let q = 0; q < columns; q++) top = max(top, load<f32>(table + (<usize> q << 2)));
    store<f32>(out + (<usize> i << 2), top);
  }
}
