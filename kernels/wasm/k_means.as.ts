// AssemblyScript, part of loops.as.ts.
import { multiply, ROWS } from "./multiply.as";
import { BLOCK, fill, floats, LANES } from "./rows.as";

export function block_rows(rows: usize, half: i32, dim: i32, numbers: usize, count: i32, scratch: usize, out: usize): void {
  for (let i = 0; i < (count + LANES - 1) / LANES * LANES; i++) {
    const number = load<i32>(numbers + (<usize> (i < count ? i : <i32> 0) << 2));
    const row = floats(rows, half, <usize> number, 1, dim, scratch);
    const to = out + <usize> (i / LANES) * <usize> dim * BLOCK + (<usize> (i % LANES) << 2);
    for (let d: usize = 0; d < <usize> dim; d++) store<f32>(to + d * BLOCK, load<f32>(row + (d << 2)));
  }
}

const GROUP: i32 = 5 * ROWS; // rows that pass while a tile of centroids stays in the cache
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
