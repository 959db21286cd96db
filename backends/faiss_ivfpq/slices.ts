import type { Embeddings } from "../../encoders/embeddings/read.ts";
import { createKernel, type KernelChoice, withSharedMemory } from "../../kernels/kernel.ts";
import { type Access, openRowReader, readShared, type RowFile } from "../vectors/rows.ts";
import type { Slice, SliceSet } from "./engine.ts";
import { sizeOfFile } from "../check_content.ts";
import { checkVectorNumbers, readIvfpq } from "./faiss_file.ts";

/** The shards of each slice: v1's `--slices` puts parts into files of their own. */
export function sliceShards(
  { shards }: Embeddings,
  slices: number,
): { readonly from: number; readonly until: number }[] {
  const each = Math.max(1, Math.ceil(shards.length / slices));
  return Array.from({ length: Math.ceil(shards.length / each) }, (_, slice) => {
    return { from: slice * each, until: Math.min(shards.length, (slice + 1) * each) };
  });
}

/** Name of a slice's file, as v1 names them. */
export function sliceName(
  partitions: number,
  { from, until }: { from: number; until: number },
  alone: boolean,
): string {
  return alone ? `ivfpq.${partitions}.faiss` : `ivfpq.${partitions}.${from}-${until}.faiss`;
}

/** Embeddings of some shards, with numbers of their own. */
export function sliceOf(embeddings: Embeddings, { from, until }: { from: number; until: number }): Embeddings {
  const shards = embeddings.shards.slice(from, until);
  const tokens = shards.reduce((sum, shard) => sum + shard.tokens, 0);
  return { ...embeddings, shards, header: { ...embeddings.header, tokens } };
}

/** Looks the files of an index over; nothing but their headers is read where they can be mapped. */
export function readSlices(paths: readonly string[], lengths: Int32Array, kernel: KernelChoice): SliceSet {
  const own = createKernel(withSharedMemory(kernel));
  const access: Access = own.mapFile ? "map" : "resident";
  let firstVector = 0;
  const slices = paths.map((path): Slice => {
    const plain: RowFile = { file: path, bytes: sizeOfFile(path) };
    const file = access === "map" ? plain : readShared(own, plain);
    using reader = openRowReader(own, access);
    const index = readIvfpq(path, reader.read(file));
    firstVector += index.total;
    return { file, index, firstVector: firstVector - index.total };
  });
  own.close();
  return { slices, access, passageOf: numberPassages(lengths), passages: lengths.length };
}

/**
 * Looks the numbers of vectors in a file over, which searches take for granted.
 *
 * @throws {LatebenchError} for a file that is damaged
 */
export function checkSlice(path: string, kernel: KernelChoice): void {
  const own = createKernel(kernel);
  try {
    using reader = openRowReader(own, own.mapFile ? "map" : "stream");
    const bytes = reader.read({ file: path, bytes: sizeOfFile(path) });
    checkVectorNumbers(path, bytes, readIvfpq(path, bytes));
  } finally {
    own.close();
  }
}

function numberPassages(lengths: Int32Array): Int32Array<SharedArrayBuffer> {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const passageOf = new Int32Array(new SharedArrayBuffer(4 * total));
  let at = 0;
  lengths.forEach((length, passage) => passageOf.fill(passage, at, at += length));
  return passageOf;
}
