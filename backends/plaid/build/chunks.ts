import { join } from "node:path";
import { z } from "zod";
import type { Embeddings, EmbeddingShard } from "../../../encoders/embeddings/read.ts";
import type { Regions } from "../../../kernels/k_means/assign.ts";
import { encodeResiduals } from "../../../kernels/k_means/encode.ts";
import type { KMeansPool } from "../../../kernels/k_means/pool.ts";
import { assignWithin } from "../../../kernels/k_means/train.ts";
import { writeAtomic, writeJson } from "../../../support/atomic_write.ts";
import { badInput } from "../../../support/errors.ts";
import { sha256 } from "../../../support/hash.ts";
import { readJson } from "../../../support/json.ts";
import { isFile } from "../../../support/paths.ts";
import { packCodes } from "../index/codes.ts";
import { bytesFor } from "../index/format.ts";
import type { Codebook } from "./codebook.ts";

/** Shards that are encoded together: what is lost at the most when a build is interrupted. */
const SHARDS = 16;

/** A part of the collection that was encoded, in files of its own until the build is done. */
export interface Chunk {
  readonly number: number;
  readonly shards: readonly EmbeddingShard[];
  readonly tokens: number;
}

const done = z.object({
  tokens: z.int(),
  codebook: z.string(),
  sha256: z.object({ codes: z.string(), residuals: z.string(), factors: z.string() }),
});

/** What a chunk's files hold; all have `.partial.` in their names. */
export type ChunkPart = keyof z.infer<typeof done>["sha256"];

/** Splits a collection into chunks; the same at every start. */
export function chunksOf({ shards }: Embeddings): Chunk[] {
  const chunks: Chunk[] = [];
  for (let from = 0; from < shards.length; from += SHARDS) {
    const own = shards.slice(from, from + SHARDS);
    chunks.push({ number: chunks.length, shards: own, tokens: own.reduce((sum, { tokens }) => sum + tokens, 0) });
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
  return state.tokens === tokens && state.codebook === codebook.sha256;
}

const STATE = "the state of an interrupted build";

/**
 * Reads a part of a chunk.
 *
 * @throws {LatebenchError} where it is not what was written
 */
export function readChunk(folder: string, chunk: number, part: ChunkPart): Uint8Array<ArrayBuffer> {
  const file = chunkFile(folder, chunk, part);
  const bytes = Deno.readFileSync(file);
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
  { number, shards, tokens }: Chunk,
  dim: number,
  { centroids, codec, sha256: codebook }: Codebook,
  regions: Regions | null,
): Promise<Int32Array> {
  let at = 0;
  for (const { file, tokens } of shards) {
    const bytes = Deno.readFileSync(file);
    if (bytes.length !== tokens * dim * 2) throw badInput(file, `${bytes.length} bytes`, `${tokens * dim * 2} bytes`);
    room.set(bytes, at);
    at += bytes.length;
  }
  const data = { rows: new Uint16Array(room.buffer, room.byteOffset, tokens * dim), dim };
  const { nearest } = await assignWithin(pool, data, centroids, regions);
  const residuals = new Uint8Array(new SharedArrayBuffer(tokens * dim * codec.nbits / 8));
  const factors = new Float32Array(new SharedArrayBuffer(4 * tokens));
  await encodeResiduals(pool, data, { ...codec, centroids }, nearest, { residuals, factors });
  const write = (part: ChunkPart, bytes: Uint8Array) => {
    writeAtomic(chunkFile(folder, number, part), bytes);
    return sha256(bytes);
  };
  const hashes = {
    codes: write("codes", packCodes(nearest, bytesFor(centroids.length / dim))),
    residuals: write("residuals", residuals),
    factors: write("factors", new Uint8Array(factors.buffer)),
  };
  const state: z.infer<typeof done> = { tokens, codebook, sha256: hashes };
  writeJson(doneFile(folder, number), state);
  return nearest;
}
