import { join } from "node:path";
import { badInput } from "../../support/errors.ts";
import { type EmbeddingsHeader, HEADER_FILE, readHeader, readShard, rowsFile } from "./format.ts";

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
  const lengths: number[] = [];
  const shards: EmbeddingShard[] = [];
  for (let shard = 0; shard < header.shards; shard++) {
    const info = readShard(folder, shard, header.dim, header.shard_sha256?.[shard]);
    const tokens = info.lengths.reduce((sum, length) => sum + length, 0);
    const first = ids.length;
    shards.push({ file: rowsFile(folder, shard), sha256: info.rows_sha256, first, passages: info.ids.length, tokens });
    for (const length of info.lengths) lengths.push(length);
    for (const id of info.ids) ids.push(id);
  }
  const rows = shards.reduce((sum, { tokens }) => sum + tokens, 0);
  if (ids.length !== header.passages || rows !== header.tokens) {
    const expected = `${header.passages} with ${header.tokens} vectors`;
    throw badInput(join(folder, HEADER_FILE), `${ids.length} passages with ${rows} vectors in its shards`, expected);
  }
  return { folder, header, ids, lengths: Int32Array.from(lengths), shards };
}
