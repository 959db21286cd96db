import { assignExactly } from "../../../kernels/k_means/assign.ts";
import type { KMeansPool } from "../../../kernels/k_means/pool.ts";
import { clusterColumns, trainProductCodebooks, withOnes } from "../../../kernels/k_means/product.ts";
import { entriesOf } from "../../../kernels/loops.ts";
import { startProgress } from "../../../support/progress.ts";
import { KSUB } from "../training_sample.ts";

/** FAISS's rounds of k-means: for the partitions, and for each sub-quantiser. */
const ROUNDS = { coarse: 10, fine: 25 } as const;

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
  const coarse = await clusterColumns(pool, rows, dim, 0, dim, { k: partitions, iterations: ROUNDS.coarse, seed });
  progress.update(1);
  const centroids = new Float32Array(new SharedArrayBuffer(4 * partitions * dim));
  for (let c = 0; c < partitions; c++) centroids.set(coarse.subarray(c * (dim + 1), c * (dim + 1) + dim), c * dim);
  const rest = await residuals(pool, rows, dim, coarse, centroids);
  const codebooks = await trainProductCodebooks(
    pool,
    rest,
    dim,
    { m, ksub: KSUB, iterations: ROUNDS.fine, seed },
    (done) => {
      progress.update(1 + done);
    },
  );
  progress.stop();
  const entries = new Float32Array(new SharedArrayBuffer(4 * KSUB * dim));
  entriesOf(codebooks, m, KSUB, entries);
  return { coarse, centroids, codebooks, entries };
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
