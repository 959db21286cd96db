import { join } from "node:path";
import { z } from "zod";
import type { Embeddings, EmbeddingShard } from "../../../encoders/embeddings/read.ts";
import type { Regions } from "../../../kernels/k_means/assign.ts";
import type { KMeansPool } from "../../../kernels/k_means/pool.ts";
import { assignWithin } from "../../../kernels/k_means/train.ts";
import { writeAtomic, writeJson } from "../../../support/atomic_write.ts";
import { badInput } from "../../../support/errors.ts";
import { sha256 } from "../../../support/hash.ts";
import { readJson } from "../../../support/json.ts";
import { readFile } from "../../../support/open_file.ts";
import { isFile } from "../../../support/paths.ts";
import { packCodes } from "../index/codes.ts";
import { bytesFor } from "../index/format.ts";
import type { Codebook } from "./codebook.ts";
import { encodeRest } from "./residuals.ts";

/** Shards that are encoded together: what is lost at the most when a build is interrupted. */
const SHARDS = 16;

/** A part of the collection that was encoded, in files of its own until the build is done. */
export interface Chunk {
  readonly number: number;
  readonly shards: readonly EmbeddingShard[];
  readonly tokens: number;
  /** Tokens of each passage. */
  readonly lengths: Int32Array;
}

const done = z.object({
  tokens: z.int(),
  codebook: z.string(),
  sha256: z.object({ codes: z.string(), residuals: z.string(), factors: z.string(), sizes: z.string() }),
});

/** What a chunk's files hold; all have `.partial.` in their names. */
export type ChunkPart = keyof z.infer<typeof done>["sha256"];

/** Splits a collection into chunks; the same at every start. */
export function chunksOf({ shards, lengths }: Embeddings): Chunk[] {
  const chunks: Chunk[] = [];
  for (let from = 0; from < shards.length; from += SHARDS) {
    const own = shards.slice(from, from + SHARDS);
    const end = own[own.length - 1].first + own[own.length - 1].passages;
    chunks.push({
      number: chunks.length,
      shards: own,
      tokens: own.reduce((sum, { tokens }) => sum + tokens, 0),
      lengths: lengths.subarray(own[0].first, end),
    });
  }
  return chunks;
}

/** Path of a part of a chunk. */
export function chunkFile(folder: string, chunk: number, part: ChunkPart): string {
  return join(folder, `chunk-${String(chunk).padStart(5, "0")}.partial.${part}`);
}

/** Whether an earlier start encoded this chunk with the same codebook. */
export function chunkIsDone(folder: string, { number, tokens }: Chunk, codebook: Codebook): boolean {
  const file = doneFile(folder, number);
  if (!isFile(file)) return false;
  const state = readJson(file, done, STATE);
  return state.tokens === tokens && state.codebook === hashOf(codebook);
}

const STATE = "the state of an interrupted build";

/**
 * Reads a part of a chunk.
 *
 * @throws {LatebenchError} where it is not what was written
 */
export function readChunk(folder: string, chunk: number, part: ChunkPart): Uint8Array<ArrayBuffer> {
  const file = chunkFile(folder, chunk, part);
  const bytes = readFile(file);
  if (sha256(bytes) === readJson(doneFile(folder, chunk), done, STATE).sha256[part]) return bytes;
  throw badInput(file, "another checksum than when it was written", "a part of this build");
}

/** Path of the file that says that a chunk is whole. */
export function doneFile(folder: string, chunk: number): string {
  return join(folder, `chunk-${String(chunk).padStart(5, "0")}.partial.json`);
}

/**
 * Assigns a chunk's rows to centroids and packs what is left of them.
 *
 * @param room where its rows are read to, fp16 `[tokens, dim]`
 * @returns the centroid of each row
 */
export async function encodeChunk(
  pool: KMeansPool,
  room: Uint8Array,
  folder: string,
  { number, shards, tokens, lengths }: Chunk,
  dim: number,
  codebook: Codebook,
  regions: Regions | null,
): Promise<Int32Array> {
  let at = 0;
  for (const { file, tokens } of shards) {
    const bytes = readFile(file);
    if (bytes.length !== tokens * dim * 2) throw badInput(file, `${bytes.length} bytes`, `${tokens * dim * 2} bytes`);
    room.set(bytes, at);
    at += bytes.length;
  }
  const data = { rows: new Uint16Array(room.buffer, room.byteOffset, tokens * dim), dim };
  const { nearest } = await assignWithin(pool, data, codebook.centroids, regions);
  const { residuals, factors, sizes } = await encodeRest(pool, data, lengths, codebook, nearest);
  const write = (part: ChunkPart, bytes: Uint8Array) => {
    writeAtomic(chunkFile(folder, number, part), bytes);
    return sha256(bytes);
  };
  const hashes = {
    codes: write("codes", packCodes(nearest, bytesFor(codebook.centroids.length / dim))),
    residuals: write("residuals", residuals),
    factors: write("factors", new Uint8Array(factors.buffer)),
    sizes: write("sizes", sizes ? new Uint8Array(sizes.buffer) : new Uint8Array(0)),
  };
  const state: z.infer<typeof done> = { tokens, codebook: hashOf(codebook), sha256: hashes };
  writeJson(doneFile(folder, number), state);
  return nearest;
}

/** What chunks are encoded with, as one hash. */
function hashOf({ files: { centroids, codebooks } }: Codebook): string {
  return codebooks ? `${centroids.sha256} ${codebooks.sha256}` : centroids.sha256;
}
