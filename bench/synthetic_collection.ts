import { join } from "node:path";
import {
  type EmbeddingsHeader,
  HEADER_FILE,
  rowsFile,
  SHARD_PASSAGES,
  shardFile,
  type ShardInfo,
} from "../encoders/embeddings/format.ts";
import { type Embeddings, readEmbeddings } from "../encoders/embeddings/read.ts";
import { startKMeansPool } from "../kernels/k_means/pool.ts";
import { assign, K_MEANS_DEFAULTS, trainKMeans } from "../kernels/k_means/train.ts";
import type { KernelChoice } from "../kernels/kernel.ts";
import { writeAtomic, writeJson } from "../support/atomic_write.ts";
import { sha256 } from "../support/hash.ts";
import { isFile } from "../support/paths.ts";
import { startProgress } from "../support/progress.ts";
import { normalNumber, seededRandom } from "../support/random.ts";
import { loadRows } from "./embeddings.ts";

/** Vectors as a mixture of normal distributions, and passages as sequences of its components. */
export interface VectorMixture {
  readonly dim: number;
  /** float32 `[components, dim]`. */
  readonly means: Float32Array;
  /** Standard deviation of each component's vectors in each dimension, float32 `[components, dim]`. */
  readonly deviations: Float32Array;
  /** For each real passage the components of its vectors. */
  readonly passages: readonly Int32Array[];
}

/** Vectors a component, about. */
const EACH = 256;
const SEED = 17;
/** Numbers drawn from a normal distribution, once; a vector takes some in a row, from a place drawn at random. */
const NORMALS = 1 << 20;

/** Fits a mixture to a collection's vectors: k-means, and what is left of each cluster's vectors. */
export async function fitMixture(
  embeddings: Embeddings,
  kernel: KernelChoice,
  threads: number,
): Promise<VectorMixture> {
  const { lengths, header: { dim, tokens } } = embeddings;
  const pool = await startKMeansPool(kernel, threads);
  try {
    const rows = loadRows(embeddings, pool);
    const k = Math.max(1, Math.floor(tokens / EACH));
    const options = { ...K_MEANS_DEFAULTS, k, iterations: 3, seed: SEED };
    const centroids = await trainKMeans(pool, { rows, dim }, options);
    const { nearest } = await assign(pool, { rows, dim }, centroids, options);
    const values = new Float16Array(rows.buffer, rows.byteOffset, rows.length);
    const [counts, means, deviations] = [new Float64Array(k), new Float32Array(k * dim), new Float32Array(k * dim)];
    nearest.forEach((component, row) => {
      counts[component]++;
      for (let d = 0; d < dim; d++) means[component * dim + d] += values[row * dim + d];
    });
    means.forEach((sum, i) => means[i] = sum / Math.max(counts[Math.floor(i / dim)], 1));
    nearest.forEach((component, row) => {
      for (let d = 0; d < dim; d++) {
        deviations[component * dim + d] += (values[row * dim + d] - means[component * dim + d]) ** 2;
      }
    });
    deviations.forEach((sum, i) => deviations[i] = Math.sqrt(sum / Math.max(counts[Math.floor(i / dim)], 1)));
    const passages: Int32Array[] = [];
    let first = 0;
    for (const length of lengths) passages.push(nearest.slice(first, first += length));
    return { dim, means, deviations, passages };
  } finally {
    pool.close();
  }
}

/**
 * Embeddings of made-up passages: each takes the components of a real passage drawn at random, and draws every vector anew from its
 * component. Written once; the same for the same mixture and number.
 */
export function drawCollection(
  folder: string,
  { dim, means, deviations, passages }: VectorMixture,
  count: number,
  header: EmbeddingsHeader,
): Embeddings {
  if (isFile(join(folder, HEADER_FILE))) return readEmbeddings(folder);
  const random = seededRandom(SEED + count);
  const normals = Float32Array.from({ length: NORMALS + dim }, () => normalNumber(random));
  const progress = startProgress(`draw ${count} passages`, count, "passages", { quiet: false });
  const totals = { passages: 0, tokens: 0, shards: 0 };
  while (totals.passages < count) {
    const some = Math.min(SHARD_PASSAGES, count - totals.passages);
    const drawn = Array.from({ length: some }, () => passages[Math.floor(random() * passages.length)]);
    const lengths = drawn.map(({ length }) => length);
    const tokens = lengths.reduce((sum, length) => sum + length, 0);
    const rows = new Float16Array(tokens * dim);
    const vector = new Float32Array(dim);
    let row = 0;
    for (const components of drawn) {
      for (const component of components) {
        const own = Math.floor(random() * NORMALS);
        let squares = 0;
        for (let d = 0; d < dim; d++) {
          const at = component * dim + d;
          vector[d] = means[at] + deviations[at] * normals[own + d];
          squares += vector[d] ** 2;
        }
        const norm = Math.sqrt(squares) || 1;
        for (let d = 0; d < dim; d++) rows[row * dim + d] = vector[d] / norm;
        row++;
      }
    }
    const bytes = new Uint8Array(rows.buffer);
    const ids = lengths.map((_, i) => String(totals.passages + i));
    const info: ShardInfo = { ids, lengths, macs: null, rows_sha256: sha256(bytes) };
    writeAtomic(rowsFile(folder, totals.shards), bytes);
    writeJson(shardFile(folder, totals.shards), info);
    totals.shards++;
    totals.passages += some;
    totals.tokens += tokens;
    progress.update(totals.passages);
  }
  progress.stop();
  const own = {
    ...header,
    dataset: `synthetic-${count}`,
    ...totals,
    macs: null,
    collection_hash: `synthetic-${count}`,
  };
  writeJson(join(folder, HEADER_FILE), own);
  return readEmbeddings(folder);
}
