import { join } from "node:path";
import type { Embeddings } from "../../../encoders/embeddings/read.ts";
import type { KernelChoice } from "../../../kernels/kernel.ts";
import { startKMeansPool } from "../../../kernels/k_means/pool.ts";
import { regionsFor } from "../../../kernels/k_means/train.ts";
import { openHashed, removeIfThere, writeJson } from "../../../support/atomic_write.ts";
import { badInput } from "../../../support/errors.ts";
import { startProgress } from "../../../support/progress.ts";
import { readAt } from "../../../support/read_at.ts";
import { floats } from "../../vectors/rows.ts";
import { type BuildSettings, bytesFor, FILES, HEADER, type PlaidHeader } from "../index/format.ts";
import {
  type Chunk,
  chunkFile,
  chunkIsDone,
  type ChunkPart,
  chunksOf,
  doneFile,
  encodeChunk,
  readChunk,
} from "./chunks.ts";
import { type Codebook, CODEBOOK_FILE, makeCodebook } from "./codebook.ts";
import { writeLists } from "./lists.ts";

/** What building needs of the machine. */
export interface BuildOptions {
  readonly kernel: KernelChoice;
  readonly threads: number;
  readonly quiet: boolean;
}

type WrittenFile = PlaidHeader["files"]["codes"];

/**
 * Builds a PLAID index in two passes: a sample gives centroids and buckets, then every chunk of the collection is assigned and
 * packed. What an interrupted build of the same index left in `folder` is used. The result depends on embeddings, settings and
 * kernel build, never on the number of threads.
 *
 * @throws {LatebenchError} where `nbits` does not fill whole bytes
 */
export async function buildPlaidIndex(
  embeddings: Embeddings,
  folder: string,
  settings: BuildSettings,
  { kernel, threads, quiet }: BuildOptions,
): Promise<void> {
  const { dim, tokens, dataset } = embeddings.header;
  if ((dim * settings.nbits) % 8 !== 0) {
    throw badInput(`nbits=${settings.nbits}`, `vectors of ${dim} dimensions`, "residuals that fill whole bytes");
  }
  const pool = await startKMeansPool(kernel, threads);
  const chunks = chunksOf(embeddings);
  try {
    const codebook = await makeCodebook(pool, embeddings, folder, settings, { kernel, quiet });
    await encodeAll(chunks, codebook);
    const header = finish(embeddings, folder, settings, codebook, chunks);
    writeJson(join(folder, HEADER), header);
    for (const { number } of chunks) removeChunk(folder, number);
    removeIfThere(join(folder, CODEBOOK_FILE));
  } finally {
    pool.close();
  }

  async function encodeAll(all: readonly Chunk[], codebook: Codebook): Promise<void> {
    const missing = all.filter((chunk) => !chunkIsDone(folder, chunk, codebook));
    let encoded = tokens - missing.reduce((sum, chunk) => sum + chunk.tokens, 0);
    const progress = startProgress(`pack the vectors of ${dataset}`, tokens, "tokens", { quiet }, encoded);
    const room = pool.allocate(2 * dim * Math.max(0, ...missing.map((chunk) => chunk.tokens)));
    const regions = missing.length === 0 ? null : await regionsFor(pool, codebook.centroids, dim, settings);
    for (const chunk of missing) {
      await encodeChunk(pool, room, folder, chunk, dim, codebook, regions);
      progress.update(encoded += chunk.tokens);
    }
    progress.stop();
  }
}

/** Puts the chunks together, inverts the codes, and says what was written. */
function finish(
  embeddings: Embeddings,
  folder: string,
  settings: BuildSettings,
  { centroids, codec, sample, sha256 }: Codebook,
  chunks: readonly Chunk[],
): PlaidHeader {
  const { ids, lengths, header: { dim, encoder, encoder_hash } } = embeddings;
  const partitions = centroids.length / dim;
  const codeBytes = bytesFor(partitions);
  const tokens = chunks.reduce((sum, chunk) => sum + chunk.tokens, 0);
  const norms = normRange(folder, chunks);
  const codes = join(folder, FILES.codes);
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  const lengthBytes = longest < 2 ** 16 ? 2 : 4;
  const written: Partial<Record<keyof PlaidHeader["files"], WrittenFile>> = {
    centroids: { bytes: 2 * centroids.length, sha256 },
    codes: concatenate(folder, chunks, "codes", FILES.codes),
    residuals: concatenate(folder, chunks, "residuals", FILES.residuals),
    norms: concatenate(folder, chunks, "factors", FILES.norms, (bytes) => {
      return Uint8Array.from(floats(bytes), (factor) => Math.round((factor - norms.least) / norms.step));
    }),
    lengths: writeWhole(
      folder,
      FILES.lengths,
      lengthBytes === 2 ? Uint16Array.from(lengths) : Uint32Array.from(lengths),
    ),
    ids: writeWhole(folder, FILES.ids, new TextEncoder().encode(JSON.stringify(ids))),
  };
  using lists = openHashed(join(folder, FILES.lists));
  using handle = Deno.openSync(codes);
  const readCodes = (from: number, count: number) => readAt(handle, from * codeBytes, count * codeBytes);
  const sizes = writeLists(readCodes, lengths, codeBytes, partitions, (bytes) => lists.write(bytes));
  written.lists = lists.commit();
  written.listSizes = writeWhole(folder, FILES.listSizes, sizes);
  return {
    format: "latebench-plaid",
    dim,
    passages: ids.length,
    tokens,
    partitions,
    code_bytes: codeBytes,
    length_bytes: lengthBytes,
    settings,
    sample,
    cutoffs: [...codec.cutoffs],
    weights: [...codec.weights],
    average_residual: codec.averageResidual,
    norms,
    encoder: { name: encoder.name, hash: encoder_hash },
    files: written as PlaidHeader["files"],
  };
}

/** The smallest factor, and the distance between neighbouring bytes. */
function normRange(folder: string, chunks: readonly Chunk[]): PlaidHeader["norms"] {
  let [least, most] = [Infinity, -Infinity];
  for (const { number } of chunks) {
    for (const factor of floats(readChunk(folder, number, "factors"))) {
      if (factor < least) least = factor;
      if (factor > most) most = factor;
    }
  }
  return least < most ? { least, step: (most - least) / 255 } : { least: Number.isFinite(least) ? least : 1, step: 1 };
}

function concatenate(
  folder: string,
  chunks: readonly Chunk[],
  part: ChunkPart,
  name: string,
  change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array = (bytes) => bytes,
): WrittenFile {
  using file = openHashed(join(folder, name));
  for (const { number } of chunks) file.write(change(readChunk(folder, number, part)));
  return file.commit();
}

function writeWhole(folder: string, name: string, values: Uint8Array | Uint16Array | Uint32Array): WrittenFile {
  using file = openHashed(join(folder, name));
  file.write(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return file.commit();
}

function removeChunk(folder: string, number: number): void {
  for (const part of ["codes", "residuals", "factors"] as const) removeIfThere(chunkFile(folder, number, part));
  removeIfThere(doneFile(folder, number));
}
