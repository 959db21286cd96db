import type { Embeddings } from "../../encoders/embeddings/read.ts";
import { assignExactly } from "../../kernels/k_means/assign.ts";
import { type KMeansPool, startKMeansPool } from "../../kernels/k_means/pool.ts";
import type { KernelChoice } from "../../kernels/kernel.ts";
import { badInput } from "../../support/errors.ts";
import { startProgress } from "../../support/progress.ts";
import { seededRandom } from "../../support/random.ts";
import type { EncodedVectors } from "./faiss_file.ts";
import { KSUB, type Quantisers, trainQuantisers, withOnes } from "./train.ts";

/** How an index is built. */
export interface IvfpqSettings {
  readonly partitions: number | "auto";
  /** Share of the vectors that train. */
  readonly sample: number;
  readonly m: number;
  readonly seed: number;
}

/** Rows that are encoded by one task. */
const ROWS = 1 << 13;

/** v1's number of partitions: `1 << ceil(log2(8 √vectors))`. */
export function defaultPartitions(vectors: number): number {
  return 2 ** Math.ceil(Math.log2(8 * Math.sqrt(Math.max(vectors, 1))));
}

/**
 * Trains and encodes all vectors of a collection.
 *
 * @throws {LatebenchError} where `m` does not divide the dimensions
 */
export async function buildIvfpq(
  embeddings: Embeddings,
  { partitions, sample, m, seed }: IvfpqSettings,
  { kernel, threads, quiet }: { readonly kernel: KernelChoice; readonly threads: number; readonly quiet: boolean },
): Promise<Quantisers & EncodedVectors> {
  const { dim, tokens, dataset } = embeddings.header;
  if (dim % m !== 0) throw badInput(`m=${m}`, `vectors of ${dim} dimensions`, "a number that divides them");
  const pool = await startKMeansPool(kernel, threads);
  try {
    const wanted = Math.max(Math.ceil(sample * tokens), 4 * KSUB); // v1 writes 5 % beside every part
    const rows = sampleRows(embeddings, wanted, seed);
    const most = 2 ** Math.floor(Math.log2(Math.max(rows.length / dim, 1)));
    const count = Math.min(partitions === "auto" ? defaultPartitions(tokens) : partitions, most);
    const quantisers = await trainQuantisers(pool, rows, dim, { partitions: count, m, seed, quiet });
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
    return { ...quantisers, names, codes };
  } finally {
    pool.close();
  }
}

async function addShard(
  pool: KMeansPool,
  file: string,
  dim: number,
  m: number,
  { coarse, centroids, codebooks }: Quantisers,
  target: EncodedVectors,
): Promise<void> {
  const count = target.names.length;
  if (count === 0) return;
  const values = new Float16Array(Deno.readFileSync(file).buffer);
  const rows = withOnes(pool, values, dim, 0, dim, Int32Array.from({ length: count }, (_, i) => i));
  const { nearest } = await assignExactly(pool, { rows, dim: dim + 1 }, coarse);
  const shared = new Uint16Array(new SharedArrayBuffer(2 * values.length));
  shared.set(new Uint16Array(values.buffer));
  const codes = new Uint8Array(new SharedArrayBuffer(count * m));
  const tasks: Promise<null>[] = [];
  for (let from = 0; from < count; from += ROWS) {
    const until = Math.min(count, from + ROWS);
    tasks.push(pool.run({
      product: {
        rows: shared.subarray(from * dim, until * dim),
        dim,
        centroids,
        names: nearest.subarray(from, until),
        codebooks,
        m,
        codes: codes.subarray(from * m, until * m),
      },
    }));
  }
  await Promise.all(tasks);
  target.names.set(nearest);
  target.codes.set(codes);
}

/** Rows drawn from the whole collection, none twice, in the collection's order: float32 `[n, dim]`. */
function sampleRows({ shards, header: { dim, tokens } }: Embeddings, wanted: number, seed: number): Float32Array {
  const random = seededRandom(seed);
  const count = Math.min(wanted, tokens);
  const rows = new Float32Array(count * dim);
  let size = 0;
  let number = 0;
  for (const shard of shards) {
    const values = new Float16Array(Deno.readFileSync(shard.file).buffer);
    for (let row = 0; row < shard.tokens; row++, number++) {
      if (random() * (tokens - number) >= count - size) continue;
      rows.set(values.subarray(row * dim, (row + 1) * dim), size++ * dim);
    }
  }
  return rows;
}
