import type { Rows } from "../loops.ts";
import { listMembers } from "./lists.ts";
import { type KMeansPool, runSplit } from "./pool.ts";

/** Rows that k-means reads, `[n, dim]`, in memory from the pool. (From elsewhere the WASM build copies all of them at each call.) */
export interface SharedRows {
  readonly rows: Rows;
  readonly dim: number;
}

/** The nearest centroid of each row, and the product with it. */
export interface Assignment {
  readonly nearest: Int32Array<SharedArrayBuffer>;
  readonly scores: Float32Array<SharedArrayBuffer>;
}

/** Centroids with regions of their neighbourhood, see {@link openRegions}. */
export interface Regions {
  /** float32 `[k, dim]`. */
  readonly centroids: Float32Array;
  /** float32 `[regions, dim]`: the regions' middles. */
  readonly middles: Float32Array;
  /** For each region the centroids that rows in it are compared with. */
  readonly nearby: readonly Int32Array<SharedArrayBuffer>[];
}

/** Rows a task: enough to pay for blocking the centroids, few enough to keep all threads busy. */
const ROWS = 1 << 15;

/** Assigns each row to the nearest of some centroids, by comparing it with all of them. */
export async function assignExactly(
  pool: KMeansPool,
  { rows, dim }: SharedRows,
  centroids: Float32Array,
): Promise<Assignment> {
  const count = rows.length / dim;
  const numbers = ascending(count);
  const names = ascending(centroids.length / dim);
  const assignment = makeAssignment(count);
  await runSplit(pool, count, ROWS, (from, until) => {
    return { nearest: { rows, dim, centroids, names, numbers: numbers.subarray(from, until), ...assignment } };
  });
  return assignment;
}

/**
 * Assigns each row to the nearest centroid of those near its region: first the nearest middle, then the nearest of the centroids
 * that are listed for it. A row whose nearest centroid is not listed gets one that is about as near. Which thread does what
 * changes nothing.
 */
export async function assignByRegions(
  pool: KMeansPool,
  { rows, dim }: SharedRows,
  { centroids, middles, nearby }: Regions,
): Promise<Assignment> {
  const coarse = await assignExactly(pool, { rows, dim }, middles);
  const { numbers, offsets } = listMembers(coarse.nearest, nearby.length);
  const assignment = coarse; // its places are written anew
  await Promise.all(nearby.map((names, region) => {
    const own = numbers.subarray(offsets[region], offsets[region + 1]);
    return runSplit(pool, own.length, ROWS, (from, until) => {
      return { nearest: { rows, dim, centroids, names, numbers: own.subarray(from, until), ...assignment } };
    });
  }));
  return assignment;
}

function makeAssignment(count: number): Assignment {
  return {
    nearest: new Int32Array(new SharedArrayBuffer(4 * count)),
    scores: new Float32Array(new SharedArrayBuffer(4 * count)),
  };
}

function ascending(count: number): Int32Array<SharedArrayBuffer> {
  const numbers = new Int32Array(new SharedArrayBuffer(4 * count));
  for (let i = 0; i < count; i++) numbers[i] = i;
  return numbers;
}
