import { join } from "node:path";
import { z } from "zod";
import { badInput } from "../../support/errors.ts";
import { readJson } from "../../support/json.ts";
import { encoderConfig } from "../config.ts";
import { macsSchema } from "../flops/macs.ts";

/**
 * Embeddings on disk, one folder for one collection and encoder (`docs/formats.md`):
 *
 * - `shard-00000.rows`: fp16, little endian, `[tokens, dim]`, passage after passage;
 * - `shard-00000.json`: ids and lengths of its passages, and the checksum of its rows;
 * - `embeddings.json`: the encoder, the data set and the totals. It is written last: without it the folder is not whole.
 */
export const FORMAT_VERSION = 2;
const EXPECTED = `embeddings of version ${FORMAT_VERSION}`;

/** Passages a shard; what is lost at the most when encoding is interrupted. */
export const SHARD_PASSAGES = 1024;

const shardSchema = z.strictObject({
  ids: z.array(z.string()),
  lengths: z.array(z.int().min(0)),
  macs: macsSchema.nullable(),
  rows_sha256: z.string(),
});

const headerSchema = z.strictObject({
  format: z.literal("latebench-embeddings"),
  version: z.literal(FORMAT_VERSION),
  dataset: z.string(),
  collection_hash: z.string(),
  encoder: encoderConfig,
  encoder_hash: z.string(),
  dim: z.int(),
  passages: z.int(),
  tokens: z.int(),
  shards: z.int(),
  macs: macsSchema.nullable().describe("multiply–accumulates of encoding the whole collection, padding included"),
  encoded_passages: z.int().describe("passages that the last start encoded; an interrupted one had done the others"),
  seconds: z.number().describe("time that it took"),
});

/** What stands in `embeddings.json`. */
export type EmbeddingsHeader = z.infer<typeof headerSchema>;
/** What stands in a shard's JSON file. */
export type ShardInfo = z.infer<typeof shardSchema>;

/** Name of the header file. */
export const HEADER_FILE = "embeddings.json";

/** Path of a shard's rows. */
export function rowsFile(folder: string, shard: number): string {
  return join(folder, `shard-${String(shard).padStart(5, "0")}.rows`);
}

/** Path of a shard's description. */
export function shardFile(folder: string, shard: number): string {
  return join(folder, `shard-${String(shard).padStart(5, "0")}.json`);
}

/**
 * Reads `embeddings.json`.
 *
 * @throws {LatebenchError} where it is missing (an interrupted build) or of another version
 */
export function readHeader(folder: string): EmbeddingsHeader {
  return readJson(join(folder, HEADER_FILE), headerSchema, EXPECTED);
}

/**
 * Reads a shard's description and checks that the rows have the length that it says.
 *
 * @throws {LatebenchError} where a file is missing, broken or truncated
 */
export function readShard(folder: string, shard: number, dim: number): ShardInfo {
  const info = readJson(shardFile(folder, shard), shardSchema, EXPECTED);
  const tokens = info.lengths.reduce((sum, length) => sum + length, 0);
  const rows = rowsFile(folder, shard);
  const bytes = fileSize(rows);
  if (bytes !== tokens * dim * 2) throw badInput(rows, `${bytes} bytes`, `${tokens * dim * 2} bytes (${tokens} rows)`);
  return info;
}

function fileSize(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    throw badInput(path, "no such file", "the rows of a shard");
  }
}
