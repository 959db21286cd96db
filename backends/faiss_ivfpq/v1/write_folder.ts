import { join } from "node:path";
import type { Embeddings, EmbeddingShard } from "../../../encoders/embeddings/read.ts";
import { writeFolderAtomic } from "../../../support/atomic_folder.ts";
import { writeAtomic, writeJson } from "../../../support/atomic_write.ts";
import { readFile } from "../../../support/open_file.ts";
import { startProgress } from "../../../support/progress.ts";
import { seededRandom } from "../../../support/random.ts";
import { MOST_TENSOR_BYTES, writeHalfTensor } from "../../../support/torch/tensor_write.ts";
import { IDS_FILE, METADATA_FILE } from "./index_folder.ts";

/** v1's least number of passages a part, and its share of the rows that `{i}.sample` gets. */
const LEAST_PASSAGES = 10_000;
const SAMPLED = 20;

/** How {@link writeV1Index} works. */
export interface V1WriteOptions {
  /** GiB that a part may have, by v1's estimate (all passages as long as they can be). */
  readonly chunksize: number;
  readonly seed: number;
  readonly quiet: boolean;
}

/** Passages a part, by v1's rule (`colbert/indexing/encoder.py`). */
export function passagesPerPart(chunksize: number, doc_maxlen: number, dim: number): number {
  return Math.max(LEAST_PASSAGES, Math.floor(chunksize * 2 ** 30 / (doc_maxlen * dim * 2)));
}

/**
 * Writes embeddings as ColBERT v1's index folder: `{i}.pt`, `{i}.sample` (a twentieth of its rows, drawn with replacement),
 * `doclens.{i}.json`, `metadata.json`.
 */
export async function writeV1Index(embeddings: Embeddings, folder: string, options: V1WriteOptions): Promise<void> {
  const { header, ids, lengths } = embeddings;
  const { dim, encoder } = header;
  const each = passagesPerPart(options.chunksize, encoder.doc_maxlen, dim);
  const progress = startProgress(`write ${folder}`, header.passages, "passages", options);
  await writeFolderAtomic(folder, (temporary) => {
    const random = seededRandom(options.seed);
    for (const [i, shards] of partsOf(embeddings, each).entries()) {
      const first = shards[0].first;
      const passages = shards.reduce((sum, shard) => sum + shard.passages, 0);
      const rows = shards.reduce((sum, shard) => sum + shard.tokens, 0);
      const pieces = function* () {
        for (const { file } of shards) yield readFile(file);
      };
      writeHalfTensor(join(temporary, `${i}.pt`), [rows, dim], pieces());
      const drawn = Math.floor(rows / SAMPLED);
      const wanted = Float64Array.from({ length: drawn }, () => Math.floor(random() * rows)).sort();
      writeHalfTensor(join(temporary, `${i}.sample`), [drawn, dim], sampleRows(shards, dim, wanted));
      writeAtomic(join(temporary, `doclens.${i}.json`), JSON.stringify([...lengths.subarray(first, first + passages)]));
      progress.update(first + passages);
    }
    if (ids.some((id, i) => id !== String(i))) {
      writeAtomic(
        join(temporary, IDS_FILE),
        ids.map((id) => `${id}\n`).join(""),
      );
    }
    writeJson(join(temporary, METADATA_FILE), {
      similarity: encoder.similarity,
      dim,
      query_maxlen: encoder.query_maxlen,
      doc_maxlen: encoder.doc_maxlen,
      mask_punctuation: encoder.skiplist.length > 0,
      collection: header.dataset,
      chunksize: options.chunksize,
      latebench: { encoder: encoder.name, encoder_hash: header.encoder_hash },
    });
    return Promise.resolve();
  }, { kind: "foreign index" });
  progress.stop();
}

/** Shards put together to parts of at least `each` passages (one shard less where that many would not fit into a file). */
function partsOf({ shards, header: { dim } }: Embeddings, each: number): EmbeddingShard[][] {
  const parts: EmbeddingShard[][] = [];
  let passages = Infinity;
  let bytes = Infinity;
  for (const shard of shards) {
    const own = 2 * shard.tokens * dim;
    if (passages >= each || bytes + own > MOST_TENSOR_BYTES) {
      parts.push([]);
      passages = bytes = 0;
    }
    parts[parts.length - 1].push(shard);
    passages += shard.passages;
    bytes += own;
  }
  return parts;
}

/** @param wanted numbers of rows of the part, ascending */
function* sampleRows(shards: readonly EmbeddingShard[], dim: number, wanted: Float64Array): Generator<Uint8Array> {
  let next = 0;
  let first = 0;
  for (const { file, tokens } of shards) {
    const rows = readFile(file);
    for (; next < wanted.length && wanted[next] < first + tokens; next++) {
      const at = 2 * dim * (wanted[next] - first);
      yield rows.subarray(at, at + 2 * dim);
    }
    first += tokens;
  }
}
