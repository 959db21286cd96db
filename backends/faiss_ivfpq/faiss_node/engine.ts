import { badInput } from "../../../support/errors.ts";
import { sha256File } from "../../../support/hash.ts";
import { readFile } from "../../../support/open_file.ts";
import { startProgress } from "../../../support/progress.ts";
import { openWorkerPool, type WorkerPool } from "../../../support/worker_pool.ts";
import type { Embeddings } from "../../../encoders/embeddings/read.ts";
import {
  type Engine,
  type IvfpqSettings,
  probeMacs,
  type Prober,
  type SliceSet,
  type WrittenSlice,
} from "../engine.ts";
import { KSUB, type TrainingSample } from "../training_sample.ts";
import { MOST_NUMBERS } from "./binding.ts";
import { faissName, type FaissSetup } from "./found.ts";
import type { FaissTask } from "./worker.ts";

type FaissWorker = WorkerPool<FaissTask, Uint32Array | null>;

/** FAISS keeps a table of centroids' distances where it takes no more than this (`precomputed_table_max_bytes`). */
const LARGEST_TABLE = 2 ** 31;

/** FAISS itself, through `faiss-node`: one thread of ours, on which FAISS starts its own. */
export function faissEngine(setup: FaissSetup): Engine {
  const start = (threads: number): Promise<FaissWorker> =>
    openWorkerPool(new URL("./worker.ts", import.meta.url), 1, { load: setup.library, threads });
  return {
    name: faissName(setup),
    build: async (embeddings, sample, settings, path, { threads, quiet }) => {
      const worker = await start(threads);
      try {
        return await build(worker, embeddings, sample, settings, path, quiet);
      } finally {
        worker.close();
      }
    },
    open: async (set, nprobe, { threads }) => {
      const worker = await start(threads);
      try {
        return await open(worker, set, nprobe);
      } catch (error) {
        worker.close();
        throw error;
      }
    },
  };
}

async function build(
  worker: FaissWorker,
  embeddings: Embeddings,
  { rows, partitions }: TrainingSample,
  settings: IvfpqSettings,
  path: string,
  quiet: boolean,
): Promise<WrittenSlice> {
  const { dim, tokens, dataset } = embeddings.header;
  if (rows.length > MOST_NUMBERS) {
    throw badInput(
      `sample=${settings.sample}`,
      `${rows.length} numbers to train on`,
      "a smaller sample (or engine=builtin)",
    );
  }
  await worker.run({ create: { dim, partitions, m: settings.m } });
  const training = startProgress(`FAISS trains IVF${partitions},PQ${settings.m}`, 1, "quantisers", { quiet });
  await worker.run({ train: atLeast(KSUB * dim, rows) });
  training.stop();
  const progress = startProgress(`add vectors of ${dataset}`, tokens, "vectors", { quiet });
  let done = 0;
  for (const { file, tokens } of embeddings.shards) {
    const values = new Float16Array(readFile(file).buffer);
    await worker.run({ add: values }, [values.buffer]);
    progress.update(done += tokens);
  }
  progress.stop();
  const partial = `${path}.partial`;
  await worker.run({ write: partial, nprobe: settings.nprobe });
  Deno.renameSync(partial, path);
  return { bytes: Deno.statSync(path).size, sha256: sha256File(path) };
}

/** FAISS ends the process where it has fewer rows than entries to train: few rows are given several times. */
function atLeast(numbers: number, rows: Float32Array): Float32Array {
  if (rows.length === 0 || rows.length >= numbers) return rows;
  const repeated = new Float32Array(Math.ceil(numbers / rows.length) * rows.length);
  for (let from = 0; from < repeated.length; from += rows.length) repeated.set(rows, from);
  return repeated;
}

async function open(worker: FaissWorker, set: SliceSet, nprobe: number): Promise<Prober> {
  const { slices, passageOf, passages } = set;
  await worker.run({
    open: slices.map(({ file, index, firstVector }) => {
      return { path: file.file, nprobe: Math.min(nprobe, index.sizes.length), nprobeInFile: index.nprobe, firstVector };
    }),
    passageOf,
    passages,
  });
  return {
    async candidates(query, depth) {
      const found = await worker.run({ probe: query, depth });
      return {
        passages: found!,
        macs: probeMacs(set, query.rows, nprobe),
        bytes: averageBytes(set, query.rows, nprobe),
      };
    },
    memoryBytes: slices.reduce((sum, { file, index: { m, sizes } }) => {
      const table = 4 * KSUB * m * sizes.length;
      return sum + file.bytes + (table <= LARGEST_TABLE ? table : 0);
    }, 0),
    [Symbol.dispose]: () => worker.close(),
  };
}

/** The binding does not tell which lists were searched: bytes of lists of average length. */
function averageBytes({ slices }: SliceSet, rows: number, nprobe: number): number {
  return slices.reduce((sum, { index: { total, m, sizes } }) => {
    return sum + Math.round(rows * Math.min(nprobe, sizes.length) * total * m / sizes.length);
  }, 0);
}
