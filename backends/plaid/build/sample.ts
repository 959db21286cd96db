import type { Embeddings } from "../../../encoders/embeddings/read.ts";
import type { KMeansPool } from "../../../kernels/k_means/pool.ts";
import { startsOf } from "../../../kernels/maxsim.ts";
import { openFile } from "../../../support/open_file.ts";
import { seededRandom } from "../../../support/random.ts";
import { readAt } from "../../../support/read_at.ts";
import { heldoutRows, samplePassages } from "./plan.ts";

/** Rows of some passages, in an order drawn at random: the first are kept back. */
export interface RowSample {
  readonly passages: number;
  /** fp16 `[heldout, dim]`. */
  readonly heldout: Uint16Array;
  /** fp16 `[train, dim]`, in memory that the pool's workers share. */
  readonly train: Uint16Array;
}

/**
 * Draws the rows from which an index learns its centroids and buckets.
 *
 * @param most rows for training, at the most
 */
export function sampleRows(
  pool: KMeansPool,
  { lengths, shards, header: { dim } }: Embeddings,
  seed: number,
  most: (rows: number) => number,
): RowSample {
  const passages = samplePassages(lengths.length, seed);
  const total = passages.reduce((sum, passage) => sum + lengths[passage], 0);
  const heldout = Math.min(heldoutRows(total), total);
  const train = Math.max(Math.min(total - heldout, most(total - heldout)), Math.min(total, 1));
  const places = placesOf(total, heldout + train, seed);
  const kept = new Uint16Array(heldout * dim);
  const bytes = pool.allocate(2 * train * dim);
  const rows = new Uint16Array(bytes.buffer, bytes.byteOffset, train * dim);
  const starts = startsOf(lengths);
  let row = 0;
  for (let at = 0, shard = 0; shard < shards.length; shard++) {
    const { file, first, passages: count } = shards[shard];
    const from = at;
    while (at < passages.length && passages[at] < first + count) at++;
    if (from === at) continue;
    const begin = starts[first];
    using handle = openFile(file);
    for (const passage of passages.subarray(from, at)) {
      const length = lengths[passage];
      const values = new Uint16Array(readAt(handle, (starts[passage] - begin) * dim * 2, length * dim * 2).buffer);
      for (let i = 0; i < length; i++, row++) {
        const place = places[row];
        if (place < 0) continue;
        const one = values.subarray(i * dim, (i + 1) * dim);
        if (place < heldout) kept.set(one, place * dim);
        else rows.set(one, (place - heldout) * dim);
      }
    }
  }
  if (total === heldout) rows.set(kept.subarray(0, rows.length)); // a single row both trains and fits
  return { passages: passages.length, heldout: kept, train: rows };
}

/** For each row its place in a random order of those that are wanted; −1 for the others. */
function placesOf(rows: number, wanted: number, seed: number): Int32Array {
  const random = seededRandom(seed + 1);
  const places = new Int32Array(rows).fill(-1);
  const order = Int32Array.from({ length: rows }, (_, i) => i);
  for (let place = 0; place < Math.min(wanted, rows); place++) {
    const other = place + Math.floor(random() * (rows - place));
    [order[place], order[other]] = [order[other], order[place]];
    places[order[place]] = place;
  }
  return places;
}
