import type { Embeddings } from "../../encoders/embeddings/read.ts";
import { badInput } from "../../support/errors.ts";
import { readFile } from "../../support/open_file.ts";
import { seededRandom } from "../../support/random.ts";
import type { IvfpqSettings } from "./engine.ts";

/** Entries of a sub-quantiser of 8 bits. */
export const KSUB = 256;
/** FAISS warns where it has fewer rows for each entry than this (`min_points_per_centroid`). */
const LEAST_EACH = 39;

/** What both engines train on. */
export interface TrainingSample {
  /** float32 `[n, dim]`. */
  readonly rows: Float32Array;
  /** Asked for, or by v1's rule; never more than the rows allow. */
  readonly partitions: number;
}

/** v1's number of partitions: `1 << ceil(log2(8 √vectors))` (`colbert/index_faiss.py`). */
export function defaultPartitions(vectors: number): number {
  return 2 ** Math.ceil(Math.log2(8 * Math.sqrt(Math.max(vectors, 1))));
}

/** v1's 16 sub-quantisers, or the most below that divide the dimensions. */
export function defaultSubquantisers(dim: number): number {
  let m = 16;
  while (dim % m !== 0) m--;
  return m;
}

/**
 * Draws the rows that train: a share of the whole collection, and at least what a sub-quantiser wants; none twice, in the collection's
 * order.
 *
 * @throws {LatebenchError} where `m` does not divide the dimensions, and where there are no vectors
 */
export function drawTrainingSample(embeddings: Embeddings, settings: IvfpqSettings): TrainingSample {
  const { dim, tokens } = embeddings.header;
  const { partitions, sample, m, seed } = settings;
  if (dim % m !== 0) throw badInput(`m=${m}`, `vectors of ${dim} dimensions`, "a number that divides them");
  if (tokens === 0) throw badInput(embeddings.folder, "no vectors", "some to train on");
  const wanted = Math.max(Math.ceil(sample * tokens), LEAST_EACH * KSUB);
  const rows = sampleRows(embeddings, wanted, seed);
  const most = 2 ** Math.floor(Math.log2(Math.max(rows.length / dim, 1)));
  return { rows, partitions: Math.min(partitions === "auto" ? defaultPartitions(tokens) : partitions, most) };
}

function sampleRows({ shards, header: { dim, tokens } }: Embeddings, wanted: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  const count = Math.min(wanted, tokens);
  const rows = new Float32Array(count * dim);
  let size = 0;
  let number = 0;
  for (const shard of shards) {
    const values = new Float16Array(readFile(shard.file).buffer);
    for (let row = 0; row < shard.tokens; row++, number++) {
      if (random() * (tokens - number) >= count - size) continue;
      rows.set(values.subarray(row * dim, (row + 1) * dim), size++ * dim);
    }
  }
  return rows;
}
