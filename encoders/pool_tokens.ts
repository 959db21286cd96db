import type { Matrix } from "./encoder.ts";
import { normaliseRow } from "./normalise.ts";

/** Leading rows that are never pooled: `[CLS]`, as in PyLate. */
export const PROTECTED = 1;

/**
 * Token pooling (Clavié, Chaffin and Adams 2024, §3): the rows of a passage are clustered hierarchically (Ward's linkage over cosine
 * distances, as PyLate does) until one in `factor` is left, and each cluster becomes the mean of its rows. The first row stays as it
 * is. Means get unit length again, which PLAID's decompression gives them in any case. Clusters stand in the order of their first
 * rows.
 *
 * @param matrix rows of unit length, `[rows, dim]`
 * @returns `[1 + max(⌊(rows − 1) / factor⌋, 1), dim]`; the rows themselves where there are at most two
 */
export function poolTokens({ data, rows, dim }: Matrix, factor: number): Matrix {
  const count = rows - PROTECTED;
  if (factor <= 1 || count <= 1) return { data, rows, dim };
  const free = data.subarray(PROTECTED * dim);
  const clusters = wardClusters(free, count, dim, Math.max(Math.floor(count / factor), 1));
  const pooled = new Float32Array((PROTECTED + clusters.length) * dim);
  pooled.set(data.subarray(0, PROTECTED * dim));
  clusters.forEach((members, c) => {
    const mean = pooled.subarray((PROTECTED + c) * dim, (PROTECTED + c + 1) * dim);
    for (const row of members) for (let d = 0; d < dim; d++) mean[d] += free[row * dim + d];
    normaliseRow(mean);
  });
  return { data: pooled, rows: PROTECTED + clusters.length, dim };
}

/** Merges the two nearest clusters until `target` are left; distances of merged ones by Lance and Williams's formula for Ward. */
function wardClusters(data: Float32Array, count: number, dim: number, target: number): number[][] {
  const distances = squaredCosineDistances(data, count, dim);
  const members: (number[] | null)[] = Array.from({ length: count }, (_, row) => [row]);
  const sizes = new Float64Array(count).fill(1);
  const nearest = new Int32Array(count);
  const look = (a: number) => {
    let best = -1;
    for (let b = a + 1; b < count; b++) {
      if (members[b] && (best < 0 || distances[a * count + b] < distances[a * count + best])) best = b;
    }
    nearest[a] = best;
  };
  for (let a = 0; a < count; a++) look(a);
  for (let left = count; left > target; left--) {
    let a = -1;
    for (let c = 0; c < count; c++) {
      if (!members[c] || nearest[c] < 0) continue;
      if (a < 0 || distances[c * count + nearest[c]] < distances[a * count + nearest[a]]) a = c;
    }
    const b = nearest[a];
    const apart = distances[a * count + b];
    members[a]!.push(...members[b]!);
    members[b] = null;
    for (let c = 0; c < count; c++) {
      if (c === a || !members[c]) continue;
      const [na, nb, nc] = [sizes[a], sizes[b], sizes[c]];
      const merged = ((na + nc) * distances[a * count + c] + (nb + nc) * distances[b * count + c] - nc * apart) /
        (na + nb + nc);
      distances[a * count + c] = merged;
      distances[c * count + a] = merged;
    }
    sizes[a] += sizes[b];
    for (let c = 0; c < count; c++) {
      if (!members[c]) continue;
      if (c === a || nearest[c] === a || nearest[c] === b) look(c);
      else if (c < a && distances[c * count + a] < distances[c * count + nearest[c]]) nearest[c] = a;
    }
  }
  return members.filter((rows) => rows !== null);
}

/** `(1 − cos)²` of all pairs, `[count, count]`: Ward's formula is one of squares. */
function squaredCosineDistances(data: Float32Array, count: number, dim: number): Float64Array {
  const distances = new Float64Array(count * count);
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) {
      let product = 0;
      for (let d = 0; d < dim; d++) product += data[a * dim + d] * data[b * dim + d];
      distances[a * count + b] = distances[b * count + a] = (1 - product) ** 2;
    }
  }
  return distances;
}
