import { assignExactly } from "../../../kernels/k_means/assign.ts";
import type { KMeansPool } from "../../../kernels/k_means/pool.ts";
import { trainKMeans } from "../../../kernels/k_means/train.ts";
import { entriesOf } from "../../../kernels/loops.ts";
import { startProgress } from "../../../support/progress.ts";
import { seededRandom } from "../../../support/random.ts";
import { KSUB } from "../training_sample.ts";

/** FAISS's rounds of k-means: for the partitions, and for each sub-quantiser. */
const ROUNDS = { coarse: 10, fine: 25 } as const;
/** Rows a centroid beyond which FAISS leaves rows out. */
const MOST_EACH = 256;

/** What is learned before vectors are added. */
export interface Quantisers {
  /** float32 `[partitions, dim + 1]`: centroids with −½‖centroid‖² behind them, whose largest product is the smallest distance. */
  readonly coarse: Float32Array<SharedArrayBuffer>;
  /** float32 `[partitions, dim]`. */
  readonly centroids: Float32Array<SharedArrayBuffer>;
  /** float32 `[m, KSUB, dim / m]`. */
  readonly codebooks: Float32Array;
  /** The same, float32 `[m, dim / m, KSUB]`. */
  readonly entries: Float32Array<SharedArrayBuffer>;
}

/**
 * Trains an IVFPQ index as FAISS does (`IndexIVFPQ::train`): k-means by squared distances for the partitions, then for each part of
 * what is left of the rows.
 *
 * @param rows float32 `[n, dim]`
 */
export async function trainQuantisers(
  pool: KMeansPool,
  rows: Float32Array,
  dim: number,
  { partitions, m, seed, quiet }: {
    readonly partitions: number;
    readonly m: number;
    readonly seed: number;
    readonly quiet: boolean;
  },
): Promise<Quantisers> {
  const progress = startProgress(`train IVF${partitions},PQ${m}`, m + 1, "quantisers", { quiet });
  const count = rows.length / dim;
  const coarse = await cluster(pool, rows, count, dim, 0, dim, partitions, ROUNDS.coarse, seed);
  progress.update(1);
  const centroids = new Float32Array(new SharedArrayBuffer(4 * partitions * dim));
  for (let c = 0; c < partitions; c++) centroids.set(coarse.subarray(c * (dim + 1), c * (dim + 1) + dim), c * dim);
  const rest = await residuals(pool, rows, dim, coarse, centroids);
  const dsub = dim / m;
  const codebooks = new Float32Array(KSUB * dim);
  for (let j = 0; j < m; j++) {
    const own = await cluster(pool, rest, count, dim, j * dsub, dsub, Math.min(KSUB, count), ROUNDS.fine, seed + 1 + j);
    for (let entry = 0; entry < KSUB; entry++) {
      const from = Math.min(entry, own.length / (dsub + 1) - 1) * (dsub + 1); // with few rows the last entry is repeated
      codebooks.set(own.subarray(from, from + dsub), (j * KSUB + entry) * dsub);
    }
    progress.update(2 + j);
  }
  progress.stop();
  const entries = new Float32Array(new SharedArrayBuffer(4 * KSUB * dim));
  entriesOf(codebooks, m, KSUB, entries);
  return { coarse, centroids, codebooks, entries };
}

/** k-means by squared distances over some columns of rows; gives `[k, width + 1]`. */
async function cluster(
  pool: KMeansPool,
  rows: Float32Array,
  count: number,
  dim: number,
  first: number,
  width: number,
  k: number,
  iterations: number,
  seed: number,
): Promise<Float32Array<SharedArrayBuffer>> {
  const chosen = drawRows(count, k * MOST_EACH, seed);
  const part = withOnes(pool, rows, dim, first, width, chosen);
  return await trainKMeans(pool, { rows: part, dim: width + 1 }, { k, iterations, seed, nearby: 1, metric: "l2" });
}

/** What is left of rows when their centroids are taken off. */
async function residuals(
  pool: KMeansPool,
  rows: Float32Array,
  dim: number,
  coarse: Float32Array,
  centroids: Float32Array,
): Promise<Float32Array> {
  const all = Int32Array.from({ length: rows.length / dim }, (_, i) => i);
  const { nearest } = await assignExactly(pool, { rows: withOnes(pool, rows, dim, 0, dim, all), dim: dim + 1 }, coarse);
  return rows.map((value, i) => value - centroids[nearest[Math.floor(i / dim)] * dim + i % dim]);
}

/** Some columns of some rows, with a 1 behind them: what k-means by distances wants. */
export function withOnes(
  pool: KMeansPool,
  rows: Float32Array | Float16Array,
  dim: number,
  first: number,
  width: number,
  chosen: Int32Array,
): Float32Array {
  const bytes = pool.allocate(4 * chosen.length * (width + 1));
  const part = new Float32Array(bytes.buffer, bytes.byteOffset, chosen.length * (width + 1));
  chosen.forEach((row, i) => {
    for (let d = 0; d < width; d++) part[i * (width + 1) + d] = rows[row * dim + first + d];
    part[i * (width + 1) + width] = 1;
  });
  return part;
}

function drawRows(count: number, most: number, seed: number): Int32Array {
  const all = Int32Array.from({ length: count }, (_, i) => i);
  if (count <= most) return all;
  const random = seededRandom(seed);
  for (let i = 0; i < most; i++) {
    const other = i + Math.floor(random() * (count - i));
    [all[i], all[other]] = [all[other], all[i]];
  }
  return all.slice(0, most);
}
