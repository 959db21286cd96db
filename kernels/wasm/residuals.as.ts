// AssemblyScript, part of loops.as.ts.
import { codeAt } from "./codes.as";
import { multiply, ROWS } from "./multiply.as";
import { BLOCK, fill, floats, keepLarger, startOf, sumOne } from "./rows.as";

export function decompressed_scores(
  query: usize,
  vectors: i32,
  dim: i32,
  columns: i32,
  centroids: usize,
  half: i32,
  weights: usize,
  nbits: i32,
  keep: usize,
  codes: usize,
  codeBytes: i32,
  residuals: usize,
  starts: usize,
  lengths: usize,
  count: i32,
  scratch: usize,
  out: usize,
): void {
  const each = 8 / nbits;
  const rowBytes = <usize> dim << 2;
  const sums = scratch + ROWS * rowBytes;
  const best = sums + ROWS * BLOCK;
  const bytes = <usize> vectors * BLOCK;
  for (let i = 0; i < count; i++) {
    let token = startOf(starts, i);
    const end = token + <usize> load<i32>(lengths + (<usize> i << 2));
    let any = false;
    fill(best, bytes, -Infinity);
    while (token < end) {
      let size = 0;
      for (; token < end && size < ROWS; token++) {
        const code = codeAt(codes, codeBytes, token);
        if (keep != 0 && load<u8>(keep + code) == 0) continue;
        const residual = residuals + token * <usize> (dim / each);
        const centroid = floats(centroids, half, code, 1, dim, best + bytes);
        decompress(centroid, residual, weights, each, dim, scratch + <usize> size * rowBytes);
        size++;
      }
      if (size == 0) break;
      any = true;
      for (let v: usize = 0; v < <usize> vectors; v++) {
        multiply(query + v * <usize> dim * BLOCK, scratch, size, dim, sums);
        for (let r: usize = 0; r < <usize> size; r++) keepLarger(best + v * BLOCK, sums + r * BLOCK, BLOCK);
      }
    }
    store<f32>(out + (<usize> i << 2), any ? sumOne(best, columns) : -Infinity);
  }
}

/** to = centroid + what the residual's bytes mean, made unit length. */
// @ts-ignore: decorator
@inline
function decompress(centroid: usize, residual: usize, weights: usize, each: i32, dim: i32, to: usize): void {
  let squares: f32 = 0;
  for (let d = 0; d < dim; d++) {
    const weight = weights + <usize> (<i32> load<u8>(residual + <usize> (d / each)) * each + d % each) * 4;
    const value = load<f32>(centroid + (<usize> d << 2)) + load<f32>(weight);
    store<f32>(to + (<usize> d << 2), value);
    squares += value * value;
  }
  const factor: f32 = squares > 0 ? 1 / sqrt(squares) : 0;
  for (let d: usize = 0; d < <usize> dim; d++) store<f32>(to + (d << 2), load<f32>(to + (d << 2)) * factor);
}

export function encode_residuals(
  rows: usize,
  half: i32,
  dim: i32,
  centroids: usize,
  names: usize,
  cutoffs: usize,
  weights: usize,
  nbits: i32,
  count: i32,
  scratch: usize,
  out: usize,
  factors: usize,
): void {
  const buckets = 1 << nbits;
  const bytes = <usize> (dim * nbits / 8);
  memory.fill(out, 0, <usize> count * bytes);
  for (let i = 0; i < count; i++, out += bytes) {
    const centre = centroids + (<usize> load<i32>(names + (<usize> i << 2)) * <usize> dim << 2);
    const row = floats(rows, half, <usize> i, 1, dim, scratch);
    let squares: f64 = 0;
    for (let d = 0; d < dim; d++) {
      const middle = load<f32>(centre + (<usize> d << 2));
      const rest = load<f32>(row + (<usize> d << 2)) - middle;
      let bucket = 0; // how many cutoffs are smaller, by halves
      for (let step = buckets >> 1; step > 0; step >>= 1) {
        if (load<f32>(cutoffs + (<usize> (bucket + step - 1) << 2)) < rest) bucket += step;
      }
      const value = <f64> (middle + load<f32>(weights + (<usize> bucket << 2)));
      squares += value * value;
      for (let bit = 0; bit < nbits; bit++) {
        const place = d * nbits + bit;
        const at = out + <usize> (place >> 3);
        store<u8>(at, load<u8>(at) | <u8> (((bucket >> bit) & 1) << (7 - (place & 7))));
      }
    }
    store<f32>(factors + (<usize> i << 2), squares > 0 ? <f32> (1 / sqrt(squares)) : 0);
  }
}
