// AssemblyScript, part of loops.as.ts.
import { fill, floats, startOf } from "./rows.as";

/** Codes whose distances are computed before they are looked at. */
const PIECE = 512;

/** Squared distances of one part of a vector to all entries: float32 [ksub]; entries: float32 [dsub, ksub] */
function partDistances(part: usize, entries: usize, ksub: i32, dsub: i32, out: usize): void {
  const row = <usize> ksub << 2;
  let c: usize = 0;
  for (; c + 64 <= row; c += 64) {
    let a = f32x4.splat(0), b = f32x4.splat(0), e = f32x4.splat(0), f = f32x4.splat(0);
    let from = entries + c;
    for (let d = 0; d < dsub; d++, from += row) {
      const value = v128.load32_splat(part + (<usize> d << 2));
      let difference = f32x4.sub(value, v128.load(from));
      a = f32x4.add(a, f32x4.mul(difference, difference));
      difference = f32x4.sub(value, v128.load(from, 16));
      b = f32x4.add(b, f32x4.mul(difference, difference));
      difference = f32x4.sub(value, v128.load(from, 32));
      e = f32x4.add(e, f32x4.mul(difference, difference));
      difference = f32x4.sub(value, v128.load(from, 48));
      f = f32x4.add(f, f32x4.mul(difference, difference));
    }
    v128.store(out + c, a);
    v128.store(out + c, b, 16);
    v128.store(out + c, e, 32);
    v128.store(out + c, f, 48);
  }
  for (; c < row; c += 4) {
    let sum: f32 = 0;
    for (let d = 0; d < dsub; d++) {
      const difference = load<f32>(part + (<usize> d << 2)) - load<f32>(entries + <usize> d * row + c);
      sum += difference * difference;
    }
    store<f32>(out + c, sum);
  }
}

export function pq_tables(query: usize, entries: usize, m: i32, ksub: i32, dsub: i32, tables: usize): void {
  for (let j = 0; j < m; j++) {
    partDistances(query, entries, ksub, dsub, tables);
    query += <usize> dsub << 2;
    entries += <usize> (dsub * ksub) << 2;
    tables += <usize> ksub << 2;
  }
}

export function pq_scan(tables: usize, m: i32, ksub: i32, codes: usize, count: i32, base: f32, out: usize): void {
  const row = <usize> ksub << 2;
  for (let i = 0; i < count; i++, out += 4) {
    let sum = base;
    let table = tables;
    let j = 0;
    for (; j + 4 <= m; j += 4, codes += 4) { // one load gets four codes
      const word = load<u32>(codes);
      sum += load<f32>(table + ((word & 255) << 2));
      sum += load<f32>(table + row + ((word >> 8 & 255) << 2));
      sum += load<f32>(table + 2 * row + ((word >> 16 & 255) << 2));
      sum += load<f32>(table + 3 * row + ((word >> 24) << 2));
      table += 4 * row;
    }
    for (; j < m; j++, codes++, table += row) sum += load<f32>(table + (<usize> load<u8>(codes) << 2));
    store<f32>(out, sum);
  }
}

export function pq_encode(
  rows: usize,
  half: i32,
  dim: i32,
  centroids: usize,
  names: usize,
  entries: usize,
  m: i32,
  ksub: i32,
  count: i32,
  scratch: usize,
  out: usize,
): void {
  const bytes = <usize> dim << 2;
  const dsub = dim / m;
  const distances = scratch + bytes;
  for (let i = 0; i < count; i++) {
    const row = floats(rows, half, <usize> i, 1, dim, scratch);
    const centre = centroids + <usize> load<i32>(names + (<usize> i << 2)) * bytes;
    for (let d: usize = 0; d < bytes; d += 4) store<f32>(scratch + d, load<f32>(row + d) - load<f32>(centre + d));
    for (let j = 0; j < m; j++, out++) {
      partDistances(scratch + (<usize> (j * dsub) << 2), entries + (<usize> (j * dsub * ksub) << 2), ksub, dsub, distances);
      store<u8>(out, <u8> placeOfLeast(distances, ksub));
    }
  }
}

/** The place of the least value, the first of equal ones. */
function placeOfLeast(values: usize, count: i32): i32 {
  let least: f32 = Infinity;
  let c = 0;
  if (count >= 4) {
    let lowest = v128.load(values);
    for (c = 4; c + 4 <= count; c += 4) lowest = f32x4.pmin(lowest, v128.load(values + (<usize> c << 2)));
    least = min(
      min(f32x4.extract_lane(lowest, 0), f32x4.extract_lane(lowest, 1)),
      min(f32x4.extract_lane(lowest, 2), f32x4.extract_lane(lowest, 3)),
    );
  }
  for (; c < count; c++) least = min(least, load<f32>(values + (<usize> c << 2)));
  const wanted = f32x4.splat(least);
  for (c = 0; c + 4 <= count; c += 4) {
    if (v128.any_true(f32x4.eq(v128.load(values + (<usize> c << 2)), wanted))) break;
  }
  for (; c + 1 < count; c++) if (load<f32>(values + (<usize> c << 2)) == least) break;
  return c;
}

/** Keeps the k smallest of more values, none of them negative, with their places, in order; histogram: int32 [2048]. */
function keepSmallest(values: usize, places: usize, count: i32, k: i32, histogram: usize): void {
  let left = k;
  let limit: u32 = 0, known: u32 = 0;
  for (let pass = 0; pass < 3; pass++) {
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
  let at: usize = 0;
  for (let i: usize = 0; at < <usize> k << 2; i += 4) {
    const bits = load<u32>(values + i);
    if (bits > limit || (bits == limit && left-- <= 0)) continue;
    store<u32>(values + at, bits);
    store<i32>(places + at, load<i32>(places + i));
    at += 4;
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
  entries: usize,
  m: i32,
  ksub: i32,
  codes: usize,
  k: i32,
  scratch: usize,
  positions: usize,
): void {
  const bytes = <usize> dim << 2;
  const room = (<usize> k << 3) + (PIECE << 2);
  const tables = scratch + bytes;
  const values = tables + (<usize> (m * ksub) << 2);
  const places = values + room;
  const histogram = places + room;
  let found = 0, first = 0;
  let limit: f32 = Infinity; // what is not below it is not among the k nearest
  for (let list = 0; list < count; list++) {
    const size = load<i32>(sizes + (<usize> list << 2));
    if (size == 0) continue;
    const centre = centroids + <usize> load<i32>(lists + (<usize> list << 2)) * bytes;
    for (let d: usize = 0; d < bytes; d += 4) store<f32>(scratch + d, load<f32>(query + d) - load<f32>(centre + d));
    pq_tables(scratch, entries, m, ksub, dim / m, tables);
    const own = codes + startOf(codeStarts, list);
    for (let from = 0; from < size; from += PIECE) {
      const part = min(size - from, PIECE);
      const distances = values + (<usize> found << 2); // where they stay: what is kept is not behind where it came from
      pq_scan(tables, m, ksub, own + <usize> (from * m), part, 0, distances);
      for (let i = 0; i < part; i++) {
        const distance = load<f32>(distances + (<usize> i << 2));
        store<f32>(values + (<usize> found << 2), distance);
        store<i32>(places + (<usize> found << 2), first + from + i);
        found += i32(distance < limit);
      }
      if (found < 2 * k) continue;
      keepSmallest(values, places, found, k, histogram);
      found = k;
      limit = -Infinity;
      for (let i = 0; i < k; i++) limit = max(limit, load<f32>(values + (<usize> i << 2)));
    }
    first += size;
  }
  if (found > k) {
    keepSmallest(values, places, found, k, histogram);
    found = k;
  }
  memory.copy(positions, places, <usize> found << 2);
  for (; found < k; found++) store<i32>(positions + (<usize> found << 2), -1);
}
