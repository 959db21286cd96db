import { join } from "node:path";
import { z } from "zod";
import { badInput } from "../../support/errors.ts";
import { sha256 } from "../../support/hash.ts";
import { checkShape, parseJson } from "../../support/json.ts";
import { readText } from "../../support/lines.ts";
import { readSealedJson, writeSealedJson } from "../../support/sealed_json.ts";
import { encoderConfig } from "../config.ts";
import { macsSchema } from "../flops/macs.ts";

/**
 * Embeddings on disk, one folder for one collection and encoder (`docs/formats.md`):
 *
 * - `shard-00000.rows`: fp16, little endian, `[tokens, dim]`, passage after passage;
 * - `shard-00000.json`: ids and lengths of its passages, and the checksum of its rows;
 * - `embeddings.json`: the encoder, the data set, the totals, and checksums of the shards' descriptions. It is written last: without it the
 *   folder is not whole.
 */
export const FORMAT_VERSION = 2;
const EXPECTED = `embeddings of version ${FORMAT_VERSION}`;

/** Passages a shard; what is lost at the most when encoding is interrupted. */
export const SHARD_PASSAGES = 1024;

/** The most dimensions, and the most passages or rows: they are counted in 31 bits. */
const MOST_DIMENSIONS = 2 ** 16;
const MOST = 2 ** 31 - 1;

const shardSchema = z.strictObject({
  ids: z.array(z.string()),
  lengths: z.array(z.int().min(0).max(MOST)),
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
  dim: z.int().min(1).max(MOST_DIMENSIONS),
  passages: z.int().min(0).max(MOST),
  tokens: z.int().min(0),
  shards: z.int().min(0).max(MOST),
  shard_sha256: z.array(z.string()).optional().describe("of each shard's JSON file; version 0.1.0 wrote none"),
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
  const file = join(folder, HEADER_FILE);
  const header = readSealedJson(file, headerSchema, EXPECTED);
  const { encoder, dim, shards, shard_sha256 } = header;
  if (encoder.dim !== dim) throw badInput(file, `dim ${dim}`, `${encoder.dim}, as its encoder has it`);
  if (shard_sha256 && shard_sha256.length !== shards) {
    throw badInput(file, `checksums of ${shard_sha256.length} shards`, `${shards}`);
  }
  return header;
}

/** Writes `embeddings.json`, with the checksums of the shards that are there. */
export function writeHeader(folder: string, header: EmbeddingsHeader): void {
  const shard_sha256 = Array.from({ length: header.shards }, (_, shard) => {
    return sha256(readText(shardFile(folder, shard)));
  });
  writeSealedJson(join(folder, HEADER_FILE), { ...header, shard_sha256 });
}

/**
 * Reads a shard's description and checks that the rows have the length that it says.
 *
 * @param expected the checksum of the description, where it is known
 * @throws {LatebenchError} where a file is missing, broken or truncated
 */
export function readShard(folder: string, shard: number, dim: number, expected?: string): ShardInfo {
  const file = shardFile(folder, shard);
  const text = readText(file);
  if (expected !== undefined && sha256(text) !== expected) {
    throw badInput(file, "another checksum than when it was written", "the description of a shard");
  }
  const info = checkShape(parseJson(text, file, EXPECTED), shardSchema, file, EXPECTED);
  if (info.ids.length !== info.lengths.length) {
    throw badInput(file, `${info.ids.length} ids`, `${info.lengths.length}, as many as lengths`);
  }
  const tokens = info.lengths.reduce((sum, length) => sum + length, 0);
  const rows = rowsFile(folder, shard);
  const bytes = fileSize(rows);
  if (bytes !== tokens * dim * 2) throw badInput(rows, `${bytes} bytes`, `${tokens * dim * 2} bytes (${tokens} rows)`);
  return info;
}

function fileSize(path: string): number {
  let found: Deno.FileInfo;
  try {
    found = Deno.statSync(path);
  } catch {
    throw badInput(path, "no such file", "the rows of a shard");
  }
  if (!found.isFile) throw badInput(path, "something that is no file", "the rows of a shard");
  return found.size;
}
