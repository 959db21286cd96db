import { loadEncoder } from "../encoders/load.ts";
import { chooseKernel } from "../kernels/choose.ts";
import { startKMeansPool } from "../kernels/k_means/pool.ts";
import { assign, K_MEANS_DEFAULTS, type KMeansOptions, nearbyShare, trainKMeans } from "../kernels/k_means/train.ts";
import { embeddingsOf, loadRows } from "./embeddings.ts";
import type { BenchOptions } from "./python.ts";

/** Shares of the centroids to compare with, and rounds: all of them in ColBERT's four, and what is cheaper. */
const VARIANTS = [
  { nearby: 1, iterations: 4 },
  { nearby: 1 / 4, iterations: 4 },
  { nearby: 1 / 8, iterations: 4 },
  { nearby: K_MEANS_DEFAULTS.nearby, iterations: K_MEANS_DEFAULTS.iterations },
] as const;

/**
 * k-means over all rows of a data set, with ColBERT v2's number of centroids (the power of two below 16 √rows), and the assignment of all
 * rows: seconds, and the quantisation error (mean squared distance of a unit row and its centroid).
 */
export async function benchKMeans({ dataset, store, threads }: BenchOptions): Promise<void> {
  await using encoder = await loadEncoder("builtin", { threads, store, quiet: false });
  const embeddings = await embeddingsOf(dataset, encoder, store);
  const { dim, tokens } = embeddings.header;
  const k = 2 ** Math.floor(Math.log2(16 * Math.sqrt(tokens)));
  const { choice } = await chooseKernel("auto", store);
  const pool = await startKMeansPool(choice, threads);
  const rows = loadRows(embeddings, pool);
  console.log(`k-means, ${tokens} rows × ${dim}, ${k} centroids, ${threads} threads, ${choice.name} kernel:`);
  for (const variant of VARIANTS) {
    const options: KMeansOptions = { ...K_MEANS_DEFAULTS, ...variant, k };
    const started = performance.now();
    const centroids = await trainKMeans(pool, { rows, dim }, options);
    const trained = performance.now();
    const { scores } = await assign(pool, { rows, dim }, centroids, options);
    const assigned = performance.now();
    const share = (100 * nearbyShare(variant.nearby, k)).toFixed(1);
    const error = 2 - (2 * scores.reduce((sum, score) => sum + score, 0)) / tokens;
    console.log(
      `  ${variant.iterations} rounds, ${share.padStart(5)} % of the centroids: ` +
        `${((trained - started) / 1000).toFixed(1)} s to train, ${
          ((assigned - trained) / 1000).toFixed(1)
        } s to assign, ` +
        `error ${error.toFixed(5)}`,
    );
  }
  pool.close();
}
