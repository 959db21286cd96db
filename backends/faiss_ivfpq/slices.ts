import { join } from "node:path";
import type { Embeddings } from "../../encoders/embeddings/read.ts";
import { createKernel, type Kernel, type KernelChoice, withSharedMemory } from "../../kernels/kernel.ts";
import { type Access, openRowReader, readShared, type RowFile } from "../vectors/rows.ts";
import { type IvfpqFile, readIvfpq } from "./faiss_file.ts";
import type { ProbeSetup } from "./probe.ts";

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

/** Opens the files of an index for workers. */
export function openSlices(
  folder: string,
  names: readonly string[],
  lengths: Int32Array,
  kernel: KernelChoice,
): { readonly setups: ProbeSetup[]; readonly residentBytes: number } {
  const choice = withSharedMemory(kernel);
  const own = createKernel(choice);
  const access: Access = own.mapFile ? "map" : "resident";
  const passageOf = numberPassages(lengths);
  let residentBytes = 0;
  const setups = names.map((name): ProbeSetup => {
    const path = join(folder, name);
    const plain: RowFile = { file: path, bytes: Deno.statSync(path).size };
    const file = access === "map" ? plain : readShared(own, plain);
    if (access !== "map") residentBytes += file.bytes;
    using reader = openRowReader(own, access);
    const read = readIvfpq(path, reader.read(file));
    const index = { ...read, centroids: share(own, read.centroids), codebooks: share(own, read.codebooks) };
    const coarse = share(own, withHalfSquares(read));
    return { kernel: choice, access, file, index, coarse, passageOf, passages: lengths.length };
  });
  own.close();
  return { setups, residentBytes };
}

function numberPassages(lengths: Int32Array): Int32Array<SharedArrayBuffer> {
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const passageOf = new Int32Array(new SharedArrayBuffer(4 * total));
  let at = 0;
  lengths.forEach((length, passage) => passageOf.fill(passage, at, at += length));
  return passageOf;
}

/** The same floats where all threads and the kernel reach them without copying. */
function share(kernel: Kernel, values: Float32Array): Float32Array<SharedArrayBuffer> {
  const bytes = kernel.allocate(values.byteLength);
  const shared = new Float32Array(bytes.buffer, bytes.byteOffset, values.length);
  shared.set(values);
  return shared;
}

/** Centroids with −½‖centroid‖² behind them: the largest product is then the smallest distance. */
function withHalfSquares({ centroids, dim }: IvfpqFile): Float32Array {
  const count = centroids.length / dim;
  const longer = new Float32Array(count * (dim + 1));
  for (let c = 0; c < count; c++) {
    const centroid = centroids.subarray(c * dim, (c + 1) * dim);
    longer.set(centroid, c * (dim + 1));
    longer[c * (dim + 1) + dim] = -centroid.reduce((sum, value) => sum + value * value, 0) / 2;
  }
  return longer;
}
