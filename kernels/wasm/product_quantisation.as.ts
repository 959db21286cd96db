// AssemblyScript, part of loops.as.ts.
import { fill, floats, startOf } from "./rows.as";

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

export function pq_encode(
  rows: usize,
  half: i32,
  dim: i32,
  centroids: usize,
  names: usize,
  codebooks: usize,
  m: i32,
  ksub: i32,
  count: i32,
  scratch: usize,
  out: usize,
): void {
  const bytes = <usize> dim << 2;
  const part = bytes / <usize> m;
  for (let i = 0; i < count; i++) {
    const row = floats(rows, half, <usize> i, 1, dim, scratch);
    const centre = centroids + <usize> load<i32>(names + (<usize> i << 2)) * bytes;
    for (let d: usize = 0; d < bytes; d += 4) store<f32>(scratch + d, load<f32>(row + d) - load<f32>(centre + d));
    let entry = codebooks;
    for (let j = 0; j < m; j++, out++) {
      let least: f32 = Infinity;
      let nearest = 0;
      for (let c = 0; c < ksub; c++, entry += part) {
        let sum: f32 = 0;
        for (let d: usize = 0; d < part; d += 4) {
          const difference = load<f32>(scratch + <usize> j * part + d) - load<f32>(entry + d);
          sum += difference * difference;
        }
        if (sum < least) {
          least = sum;
          nearest = c;
        }
      }
      store<u8>(out, <u8> nearest);
    }
  }
}

export function pq_search(
  query: usize,
  dim: i32,
  centroids: usize,
  lists: usize,
  codeStarts: usize,
  sizes: usize,
  count: i32,
  codebooks: usize,
  m: i32,
  ksub: i32,
  codes: usize,
  k: i32,
  scratch: usize,
  positions: usize,
): void {
  const bytes = <usize> dim << 2;
  const tables = scratch + bytes;
  const histogram = tables + (<usize> (m * ksub) << 2);
  const distances = histogram + 8192;
  let total = 0;
  for (let list = 0; list < count; list++) {
    const size = load<i32>(sizes + (<usize> list << 2));
    if (size == 0) continue;
    const centre = centroids + <usize> load<i32>(lists + (<usize> list << 2)) * bytes;
    for (let d: usize = 0; d < bytes; d += 4) store<f32>(scratch + d, load<f32>(query + d) - load<f32>(centre + d));
    pq_tables(scratch, codebooks, m, ksub, dim / m, tables);
    pq_scan(tables, m, ksub, codes + startOf(codeStarts, list), size, 0, distances + (<usize> total << 2));
    total += size;
  }
  selectSmallest(distances, total, k, histogram, positions);
}

/** Positions of the k smallest values, which are not negative, ascending; −1 after the last. */
function selectSmallest(values: usize, count: i32, k: i32, histogram: usize, positions: usize): void {
  let left = min(k, count);
  let limit: u32 = 0, known: u32 = 0;
  for (let pass = 0; pass < 3 && left > 0; pass++) {
    const shift: u32 = pass == 0 ? 21 : pass == 1 ? 10 : 0;
    const width: u32 = pass == 2 ? 1023 : 2047;
    fill(histogram, 8192, 0);
    for (let i = 0; i < count; i++) {
      const bits = load<u32>(values + (<usize> i << 2));
      if ((bits & known) != limit) continue;
      const at = histogram + (<usize> ((bits >> shift) & width) << 2);
      store<i32>(at, load<i32>(at) + 1);
    }
    let bucket: u32 = 0;
    for (;; bucket++) {
      const size = load<i32>(histogram + (<usize> bucket << 2));
      if (size >= left) break;
      left -= size;
    }
    limit |= bucket << shift;
    known |= width << shift;
  }
  let at = 0;
  for (let i = 0; i < count && at < k; i++) {
    const bits = load<u32>(values + (<usize> i << 2));
    if (bits > limit || (bits == limit && left-- <= 0)) continue;
    store<i32>(positions + (<usize> at << 2), i);
    at++;
  }
  for (; at < k; at++) store<i32>(positions + (<usize> at << 2), -1);
}
