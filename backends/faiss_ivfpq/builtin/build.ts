import type { Embeddings } from "../../../encoders/embeddings/read.ts";
import { assignExactly } from "../../../kernels/k_means/assign.ts";
import { entriesOf } from "../../../kernels/loops.ts";
import { type KMeansPool, startKMeansPool } from "../../../kernels/k_means/pool.ts";
import { encodeProducts, withOnes } from "../../../kernels/k_means/product.ts";
import { readFile } from "../../../support/open_file.ts";
import { startProgress } from "../../../support/progress.ts";
import type { EngineContext, IvfpqSettings, WrittenSlice } from "../engine.ts";
import { type EncodedVectors, type IvfpqFile, writeIvfpq } from "../faiss_file.ts";
import { KSUB, type TrainingSample } from "../training_sample.ts";
import { withHalfSquares } from "./half_squares.ts";
import { type Quantisers, trainQuantisers } from "./train.ts";

/** Trains on a share of a collection's vectors, encodes all, and writes FAISS's file. */
export async function buildBuiltin(
  embeddings: Embeddings,
  { rows, partitions }: TrainingSample,
  settings: IvfpqSettings,
  path: string,
  { kernel, threads, quiet }: EngineContext,
): Promise<WrittenSlice> {
  const { dim } = embeddings.header;
  const { m, seed, nprobe } = settings;
  const pool = await startKMeansPool(kernel, threads);
  try {
    const quantisers = await trainQuantisers(pool, rows, dim, { partitions, m, seed, quiet });
    return await encodeAll(pool, embeddings, quantisers, path, { m, nprobe }, quiet);
  } finally {
    pool.close();
  }
}

/** Encodes a collection's vectors with the quantisers of a file that is there, into a file of its own. */
export async function addBuiltin(
  embeddings: Embeddings,
  { dim, m, nprobe, centroids, codebooks }: IvfpqFile,
  path: string,
  { kernel, threads, quiet }: EngineContext,
): Promise<WrittenSlice> {
  const shared = new Float32Array(new SharedArrayBuffer(centroids.byteLength));
  shared.set(centroids);
  const entries = new Float32Array(new SharedArrayBuffer(codebooks.byteLength));
  entriesOf(codebooks, m, KSUB, entries);
  const quantisers = { centroids: shared, coarse: withHalfSquares(centroids, dim), codebooks, entries };
  const pool = await startKMeansPool(kernel, threads);
  try {
    return await encodeAll(pool, embeddings, quantisers, path, { m, nprobe }, quiet);
  } finally {
    pool.close();
  }
}

async function encodeAll(
  pool: KMeansPool,
  embeddings: Embeddings,
  quantisers: Quantisers,
  path: string,
  { m, nprobe }: { readonly m: number; readonly nprobe: number },
  quiet: boolean,
): Promise<WrittenSlice> {
  const { dim, tokens, dataset } = embeddings.header;
  const names = new Int32Array(tokens);
  const codes = new Uint8Array(tokens * m);
  const progress = startProgress(`add vectors of ${dataset}`, tokens, "vectors", { quiet });
  let first = 0;
  for (const shard of embeddings.shards) {
    await addShard(pool, shard.file, dim, m, quantisers, {
      names: names.subarray(first, first + shard.tokens),
      codes: codes.subarray(first * m, (first + shard.tokens) * m),
    });
    progress.update(first += shard.tokens);
  }
  progress.stop();
  const { centroids, codebooks } = quantisers;
  return writeIvfpq(path, { dim, nprobe, centroids, m, ksub: KSUB, codebooks }, { names, codes });
}

async function addShard(
  pool: KMeansPool,
  file: string,
  dim: number,
  m: number,
  { coarse, centroids, entries }: Quantisers,
  target: EncodedVectors,
): Promise<void> {
  const count = target.names.length;
  if (count === 0) return;
  const values = new Float16Array(readFile(file).buffer);
  const rows = withOnes(pool, values, dim, 0, dim, Int32Array.from({ length: count }, (_, i) => i));
  const { nearest } = await assignExactly(pool, { rows, dim: dim + 1 }, coarse);
  const shared = new Uint16Array(new SharedArrayBuffer(2 * values.length));
  shared.set(new Uint16Array(values.buffer));
  const codes = new Uint8Array(new SharedArrayBuffer(count * m));
  await encodeProducts(pool, { rows: shared, dim }, { centroids, entries, m }, nearest, codes);
  target.names.set(nearest);
  target.codes.set(codes);
}
