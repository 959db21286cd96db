import { join } from "node:path";
import { inBatches } from "../../support/batches.ts";
import { startWorkerPool, type WorkerPool } from "../../support/worker_pool.ts";
import type { Embeddings } from "../../encoders/embeddings/read.ts";
import type { Matrix } from "../../encoders/encoder.ts";
import { createKernel, type Kernel, type KernelChoice } from "../../kernels/kernel.ts";
import { startsOf } from "../../kernels/maxsim.ts";
import { type TopK, topK } from "../../kernels/top_k.ts";
import { createWasmMemory } from "../../kernels/wasm.ts";
import type { Stage } from "../backend.ts";
import { passageNumbers } from "../passage_numbers.ts";
import { type Guide, guidedSearch } from "./guide.ts";
import { type Access, readShared, type RowFile } from "./rows.ts";
import type { ScoreAnswer, ScorerSetup, ScoreTask } from "./scorer_worker.ts";
import { verifyFiles } from "./verify.ts";
import { type Part, splitWork } from "./work.ts";

/** Exact MaxSim over stored embeddings, on worker threads. */
export interface VectorScorer extends AsyncDisposable {
  /** How rows are read. */
  readonly access: Access;
  /** Whether int8 rows tell which passages have to be scored exactly. */
  readonly guided: boolean;
  /** The best `k` of all passages. */
  search(query: Matrix, k: number): Promise<Scored>;
  /** The given passages, best first. */
  score(query: Matrix, ids: readonly string[]): Promise<Scored>;
  /** Bytes that the scorer holds, memory maps not counted. */
  readonly memoryBytes: number;
}

/** Passage numbers with scores, best first, and the work done. */
export interface Scored extends TopK {
  readonly stages: readonly Stage[];
}

/** How {@link openVectorScorer} works. */
export interface ScorerOptions {
  readonly kernel: KernelChoice;
  readonly threads: number;
  /** `auto`: a memory map where the kernel can, else in memory up to {@link RESIDENT_LIMIT}, else read for each search. */
  readonly memory: "auto" | Access;
  readonly guide?: Guide;
}

/** Bytes of rows that are kept in memory unless told otherwise. */
export const RESIDENT_LIMIT = 3 * 2 ** 30;

/** Tasks a thread and search: a thread that is held up leaves some of its own to the others. */
const TASKS_EACH = 4;

/** Where fewer passages than this times k are there, so many have to be scored exactly that int8 saves nothing. */
const WORTH_GUIDING = 8;

/** Queries that are searched together where several are asked for at once: rows are read once for all of them. */
const TOGETHER = 8;

/** One search. */
export interface Wanted {
  readonly query: Matrix;
  readonly k: number;
}

/** The workers of a scorer, and what they were told. */
export interface ScorerWorkers {
  readonly pool: WorkerPool<ScoreTask, ScoreAnswer>;
  readonly setup: ScorerSetup;
  readonly threads: number;
}

/**
 * Starts workers over a collection's embeddings. All reach all rows; every search is cut into tasks of about as many tokens.
 *
 * @throws {LatebenchError} for files that are not those that were written
 */
export async function openVectorScorer(embeddings: Embeddings, options: ScorerOptions): Promise<VectorScorer> {
  const { ids, header: { dim } } = embeddings;
  const choice = options.kernel.name === "wasm" ? { ...options.kernel, memory: createWasmMemory() } : options.kernel;
  const kernel = createKernel(choice);
  const files = embeddings.shards.map(({ file, tokens }): RowFile => ({ file, bytes: tokens * dim * 2 }));
  verify(embeddings, files);
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const access = chooseAccess(kernel, options.memory, total);
  const held = access === "resident" ? (file: RowFile) => readShared(kernel, file) : (file: RowFile) => file;
  const guide = access === "stream" ? undefined : options.guide;
  const setup: ScorerSetup = {
    kernel: choice,
    access,
    dim,
    shards: files.map(held),
    firsts: embeddings.shards.map(({ first }) => first),
    ...sharedPassages(embeddings.lengths),
    ...guide ? { guide: { width: guide.width, values: held(guide.values), scales: held(guide.scales) } } : {},
  };
  kernel.close();
  const pool = startWorkerPool<ScoreTask, ScoreAnswer>(
    new URL("./scorer_worker.ts", import.meta.url),
    options.threads,
  );
  try {
    await Promise.all(Array.from({ length: options.threads }, (_, worker) => pool.runOn(worker, { open: setup })));
  } catch (error) {
    pool.close();
    throw error;
  }
  const workers: ScorerWorkers = { pool, setup, threads: options.threads };
  const numbersOf = passageNumbers(ids);
  const tasks = splitWork(setup.firsts, setup.lengths, TASKS_EACH * options.threads);
  const search = inBatches<Wanted, Scored>(TOGETHER, (group) => {
    const most = Math.max(...group.map(({ k }) => k));
    const pays = guide !== undefined && most * WORTH_GUIDING <= ids.length;
    return pays ? guidedSearch(workers, guide, tasks, group) : plainSearch(workers, tasks, group);
  });
  return {
    access,
    guided: guide !== undefined,
    memoryBytes: heldBytes(files, guide, access, options.threads) + 12 * ids.length,
    search: (query, k) => search({ query, k }),
    score: (query, wanted) => scorePassages(workers, query, numbersOf(wanted)),
    [Symbol.asyncDispose]() {
      pool.close();
      return Promise.resolve();
    },
  };
}

/** The best `k` of all passages for some queries, from all rows. */
async function plainSearch(
  { pool, setup }: ScorerWorkers,
  tasks: readonly (readonly Part[])[],
  group: readonly Wanted[],
): Promise<Scored[]> {
  const started = performance.now();
  const queries = group.map(({ query }) => query);
  const most = Math.max(...group.map(({ k }) => k));
  const answers = await Promise.all(tasks.map((parts) => pool.run({ search: queries, parts, k: most })));
  const ms = (performance.now() - started) / group.length;
  return group.map(({ query, k }, i) => {
    const best = merge(answers.map((answer) => answer[i]), k);
    return { ...best, stages: [{ ...maxsimStage(started, rowsOf(setup), query, best), ms }] };
  });
}

/** Rows of the whole collection. */
export function rowsOf({ starts, lengths }: ScorerSetup): number {
  return lengths.length === 0 ? 0 : starts[lengths.length - 1] + lengths[lengths.length - 1];
}

/** Scores some passages exactly, best first: each thread takes about as many tokens. */
export async function scorePassages(
  { pool, setup, threads }: ScorerWorkers,
  query: Matrix,
  numbers: Int32Array<ArrayBuffer>,
): Promise<Scored> {
  const started = performance.now();
  const sorted = numbers.slice().sort();
  const rows = sorted.reduce((sum, number) => sum + setup.lengths[number], 0);
  const shares: Promise<ScoreAnswer>[] = [];
  for (let from = 0, before = 0; from < sorted.length;) {
    let until = from;
    const enough = (rows * (shares.length + 1)) / threads;
    while (until < sorted.length && (before < enough || until === from)) before += setup.lengths[sorted[until++]];
    shares.push(pool.run({ score: query, passages: sorted.slice(from, until) }));
    from = until;
  }
  const best = merge((await Promise.all(shares)).flat(), sorted.length);
  return { ...best, stages: [maxsimStage(started, rows, query, best)] };
}

function maxsimStage(started: number, rows: number, query: Matrix, { numbers }: TopK): Stage {
  return {
    name: "maxsim",
    ms: performance.now() - started,
    macs: rows * query.rows * query.dim,
    bytes: rows * query.dim * 2,
    candidates: numbers.length,
  };
}

/** Puts results together: score descending, then passage number ascending. */
export function merge(parts: readonly TopK[], k: number): TopK {
  const count = parts.reduce((sum, { numbers }) => sum + numbers.length, 0);
  const numbers = new Int32Array(count);
  const scores = new Float32Array(count);
  let at = 0;
  for (const part of parts) {
    numbers.set(part.numbers, at);
    scores.set(part.scores, at);
    at += part.numbers.length;
  }
  return topK(scores, k, numbers);
}

function chooseAccess({ mapFile }: Kernel, memory: ScorerOptions["memory"], bytes: number): Access {
  if (memory === "map" && !mapFile) return "stream";
  if (memory !== "auto") return memory;
  if (mapFile) return "map";
  return bytes <= RESIDENT_LIMIT ? "resident" : "stream";
}

function sharedPassages(lengths: Int32Array): Pick<ScorerSetup, "lengths" | "starts"> {
  const shared = new Int32Array(new SharedArrayBuffer(4 * lengths.length));
  shared.set(lengths);
  return { lengths: shared, starts: startsOf(lengths) };
}

function verify({ folder, shards }: Embeddings, files: readonly RowFile[]): void {
  const expected = files.map(({ file, bytes }, i) => ({ file, bytes, sha256: shards[i].sha256 }));
  verifyFiles(join(folder, ".verified.json"), expected);
}

function heldBytes(files: readonly RowFile[], guide: Guide | undefined, access: Access, threads: number): number {
  const sizes = [...files, ...guide ? [guide.values, guide.scales] : []].map(({ bytes }) => bytes);
  if (access === "map") return 0;
  return access === "resident" ? sizes.reduce((sum, size) => sum + size, 0) : threads * Math.max(...sizes);
}
