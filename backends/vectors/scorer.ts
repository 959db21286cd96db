import { inBatches } from "../../support/batches.ts";
import { openWorkerPool } from "../../support/worker_pool.ts";
import type { Embeddings } from "../../encoders/embeddings/read.ts";
import type { Matrix } from "../../encoders/encoder.ts";
import { createKernel, type Kernel, type KernelChoice, withSharedMemory } from "../../kernels/kernel.ts";
import { startsOf } from "../../kernels/maxsim.ts";
import { passageNumbers } from "../passage_numbers.ts";
import { plainSearch, type Scored, scorePassages, type ScorerWorkers, type Wanted } from "./exact_search.ts";
import type { Guide, GuidePart } from "./guide.ts";
import { guidedSearch } from "./guided_search.ts";
import { type Access, readShared, type RowFile } from "./rows.ts";
import type { ScoreAnswer, ScorerSetup, ScoreTask } from "./scorer_worker.ts";
import { type Verification, verifyFiles } from "./verify.ts";
import { splitWork } from "./work.ts";

/** Exact MaxSim over stored embeddings, on worker threads. */
export interface VectorScorer extends AsyncDisposable {
  /** How rows are read. */
  readonly access: Access;
  /** Whether int8 rows tell which passages have to be scored exactly. */
  readonly guided: boolean;
  /** The best `k` of all passages. */
  search(query: Matrix, k: number): Promise<Scored>;
  /** The given passages, best first: by id, or by number. */
  score(query: Matrix, passages: readonly string[] | Int32Array<ArrayBuffer>): Promise<Scored>;
  /** Bytes that the scorer holds, memory maps not counted. */
  readonly memoryBytes: number;
}

/** How {@link openVectorScorer} works. */
export interface ScorerOptions extends Verification {
  readonly kernel: KernelChoice;
  readonly threads: number;
  /** `auto`: a memory map where the kernel can, else in memory up to {@link RESIDENT_LIMIT}, else read for each search. */
  readonly memory: "auto" | Access;
  readonly guide?: Guide;
  /** Passage ids by number where some passages are gone: null for these. */
  readonly ids?: readonly (string | null)[];
  /** Whether searches tell their stages (default true). */
  readonly tracing?: boolean;
}

/** Bytes of rows that are kept in memory unless told otherwise. */
export const RESIDENT_LIMIT = 3 * 2 ** 30;

/** Tasks a thread and search: a thread that is held up leaves some of its own to the others. */
const TASKS_EACH = 4;

/** Where fewer passages than this times k are there, so many have to be scored exactly that int8 saves nothing. */
const WORTH_GUIDING = 8;

/** Queries that are searched together where several are asked for at once: rows are read once for all of them. */
const TOGETHER = 8;

/**
 * Starts workers over a collection's embeddings. All reach all rows; every search is cut into tasks of about as many tokens.
 *
 * @throws {LatebenchError} for files that are not those that were written
 */
export async function openVectorScorer(embeddings: Embeddings, options: ScorerOptions): Promise<VectorScorer> {
  const { header: { dim } } = embeddings;
  const ids = options.ids ?? embeddings.ids;
  const choice = withSharedMemory(options.kernel);
  const kernel = createKernel(choice);
  const files = embeddings.shards.map(({ file, tokens }): RowFile => ({ file, bytes: tokens * dim * 2 }));
  verify(embeddings, files, options);
  const all = options.guide
    ? [...files, ...options.guide.parts.flatMap(({ values, scales }) => [values, scales])]
    : files;
  const access = chooseAccess(kernel, options.memory, all.reduce((sum, { bytes }) => sum + bytes, 0));
  const held = access === "resident" ? (file: RowFile) => readShared(kernel, file) : (file: RowFile) => file;
  const guide = access === "stream" ? undefined : options.guide;
  const holdPart = ({ first, values, scales }: GuidePart) => ({ first, values: held(values), scales: held(scales) });
  const setup: ScorerSetup = {
    kernel: choice,
    access,
    dim,
    shards: files.map(held),
    firsts: embeddings.shards.map(({ first }) => first),
    ...sharedPassages(embeddings.lengths, ids),
    ...guide ? { guide: { width: guide.width, parts: guide.parts.map(holdPart) } } : {},
  };
  kernel.close();
  const url = new URL("./scorer_worker.ts", import.meta.url);
  const pool = await openWorkerPool<ScoreTask, ScoreAnswer>(url, options.threads, { open: setup });
  const workers: ScorerWorkers = { pool, setup, threads: options.threads, tracing: options.tracing };
  const numbersOf = passageNumbers(ids);
  const tasks = splitWork(setup.firsts, setup.lengths, TASKS_EACH * options.threads);
  const search = inBatches<Wanted, Scored>(TOGETHER, (group) => {
    const most = Math.max(...group.map(({ k }) => k));
    const pays = guide !== undefined && most * WORTH_GUIDING <= ids.length;
    return pays ? guidedSearch(workers, guide, tasks, group) : plainSearch(workers, tasks, group);
  });
  let closing: Promise<void> | undefined;
  return {
    access,
    guided: guide !== undefined,
    memoryBytes: heldBytes(guide ? all : files, access, options.threads) + 12 * ids.length,
    search: (query, k) => search({ query, k }),
    score: (query, wanted) =>
      scorePassages(workers, query, wanted instanceof Int32Array ? wanted : () => numbersOf(wanted)),
    [Symbol.asyncDispose]: () => closing ??= closeWorkers(pool),
  };
}

async function closeWorkers(pool: ScorerWorkers["pool"]): Promise<void> {
  // A pool that has broken has told so by the tasks that it was given.
  await Promise.allSettled(Array.from({ length: pool.size }, (_, worker) => pool.runOn(worker, { close: true })));
  pool.close();
}

function chooseAccess({ mapFile }: Kernel, memory: ScorerOptions["memory"], bytes: number): Access {
  if (memory === "map" && !mapFile) return "stream";
  if (memory !== "auto") return memory;
  if (mapFile) return "map";
  return bytes <= RESIDENT_LIMIT ? "resident" : "stream";
}

/** A passage that is gone has no rows: nothing scores it. */
function sharedPassages(
  lengths: Int32Array,
  ids: readonly (string | null)[],
): Pick<ScorerSetup, "lengths" | "starts"> {
  const shared = new Int32Array(new SharedArrayBuffer(4 * lengths.length));
  lengths.forEach((length, number) => shared[number] = ids[number] === null ? 0 : length);
  return { lengths: shared, starts: startsOf(lengths) };
}

function verify({ shards }: Embeddings, files: readonly RowFile[], options: Verification): void {
  verifyFiles(files.map(({ file, bytes }, i) => ({ file, bytes, sha256: shards[i].sha256 })), options);
}

function heldBytes(files: readonly RowFile[], access: Access, threads: number): number {
  const sizes = files.map(({ bytes }) => bytes);
  if (access === "map") return 0;
  return access === "resident" ? sizes.reduce((sum, size) => sum + size, 0) : threads * Math.max(...sizes);
}
