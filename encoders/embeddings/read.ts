import { type EmbeddingsHeader, readHeader, readShard, rowsFile } from "./format.ts";

/** Where the rows of some consecutive passages lie. */
export interface EmbeddingShard {
  readonly file: string;
  readonly sha256: string;
  /** Number of the first passage. */
  readonly first: number;
  readonly passages: number;
  readonly tokens: number;
}

/** A collection's embeddings, without the rows themselves. */
export interface Embeddings {
  readonly folder: string;
  readonly header: EmbeddingsHeader;
  /** Passage ids in passage order. */
  readonly ids: readonly string[];
  /** Rows of each passage. */
  readonly lengths: Int32Array<ArrayBuffer>;
  readonly shards: readonly EmbeddingShard[];
}

/**
 * Opens an embeddings folder: reads everything but the rows, and checks that every file has its length. Checksums are compared
 * by whoever reads the rows.
 *
 * @throws {LatebenchError} where the folder is not whole
 */
export function readEmbeddings(folder: string): Embeddings {
  const header = readHeader(folder);
  const ids: string[] = [];
  const lengths = new Int32Array(header.passages);
  const shards: EmbeddingShard[] = [];
  for (let shard = 0; shard < header.shards; shard++) {
    const info = readShard(folder, shard, header.dim);
    const tokens = info.lengths.reduce((sum, length) => sum + length, 0);
    const first = ids.length;
    shards.push({ file: rowsFile(folder, shard), sha256: info.rows_sha256, first, passages: info.ids.length, tokens });
    lengths.set(info.lengths, first);
    for (const id of info.ids) ids.push(id);
  }
  return { folder, header, ids, lengths, shards };
}
