import { startWorkerPool } from "../../support/worker_pool.ts";
import type { Embeddings, EmbeddingShard } from "../../encoders/embeddings/read.ts";
import type { Matrix } from "../../encoders/encoder.ts";
import type { KernelChoice } from "../../kernels/kernel.ts";
import type { TopK } from "../../kernels/top_k.ts";
import { passageNumbers } from "../passage_numbers.ts";
import type { ScoreAnswer, ScoreTask, WorkerShare } from "./scorer_worker.ts";

/** Exact MaxSim over stored embeddings, on worker threads. */
export interface VectorScorer extends AsyncDisposable {
  /** The best `k` of all passages. */
  search(query: Matrix, k: number): Promise<Scored>;
  /** The given passages, best first. */
  score(query: Matrix, ids: readonly string[]): Promise<Scored>;
  /** Bytes that the workers hold. */
  readonly memoryBytes: number;
}

/** Passage numbers with scores, best first, and the work done. */
export interface Scored extends TopK {
  readonly macs: number;
  readonly bytes: number;
}

/** How {@link openVectorScorer} works. */
export interface ScorerOptions {
  readonly kernel: KernelChoice;
  readonly threads: number;
  /** `auto` keeps rows in memory up to {@link RESIDENT_LIMIT} a worker and reads them for each search beyond. */
  readonly memory: "auto" | "resident" | "stream";
}

/** Bytes of rows that one worker keeps in memory unless told otherwise. */
export const RESIDENT_LIMIT = 3 * 2 ** 30;

/**
 * Starts workers over a collection's embeddings; each owns neighbouring shards with about the same number of rows, so that every
 * search uses all threads.
 */
export async function openVectorScorer(embeddings: Embeddings, options: ScorerOptions): Promise<VectorScorer> {
  const { lengths, ids, header: { dim } } = embeddings;
  const shares = splitByRows(embeddings.shards, options.threads).map((shards): WorkerShare => {
    const { first } = shards[0];
    const passages = shards.reduce((sum, shard) => sum + shard.passages, 0);
    const bytes = shards.reduce((sum, shard) => sum + shard.tokens, 0) * dim * 2;
    const resident = options.memory === "resident" || (options.memory === "auto" && bytes <= RESIDENT_LIMIT);
    return { kernel: options.kernel, dim, shards, lengths: lengths.slice(first, first + passages), resident };
  });
  const pool = startWorkerPool<ScoreTask, ScoreAnswer>(new URL("./scorer_worker.ts", import.meta.url), shares.length);
  try {
    await Promise.all(shares.map((share, worker) => pool.runOn(worker, { open: share })));
  } catch (error) {
    pool.close();
    throw error;
  }
  const firsts = shares.map(({ shards }) => shards[0].first);
  const numbersOf = passageNumbers(ids);
  const work = (rows: number, query: Matrix) => ({ macs: rows * query.rows * dim, bytes: rows * dim * 2 });
  return {
    memoryBytes: shares.reduce((sum, { shards, resident }) => sum + heldBytes(shards, dim, resident), 0),
    async search(query, k) {
      const parts = await Promise.all(shares.map((_, worker) => pool.runOn(worker, { search: query, k })));
      return { ...merge(parts, k), ...work(embeddings.header.tokens, query) };
    },
    async score(query, wanted) {
      const numbers = numbersOf(wanted).sort();
      const parts = await Promise.all(shares.map((_, worker) => {
        const passages = numbers.filter((n) => n >= firsts[worker] && !(n >= firsts[worker + 1]));
        return pool.runOn(worker, { score: query, passages });
      }));
      const rows = numbers.reduce((sum, number) => sum + lengths[number], 0);
      return { ...merge(parts, numbers.length), ...work(rows, query) };
    },
    [Symbol.asyncDispose]() {
      pool.close();
      return Promise.resolve();
    },
  };
}

/** Puts the workers' results together: score descending, then passage number ascending. */
function merge(parts: readonly TopK[], k: number): TopK {
  const numbers = parts.flatMap((part) => [...part.numbers]);
  const scores = parts.flatMap((part) => [...part.scores]);
  const order = numbers.map((_, i) => i).filter((i) => scores[i] !== -Infinity);
  order.sort((a, b) => scores[b] - scores[a] || numbers[a] - numbers[b]);
  const best = order.slice(0, k);
  return {
    numbers: Int32Array.from(best, (i) => numbers[i]),
    scores: Float32Array.from(best, (i) => scores[i]),
  };
}

function splitByRows(shards: readonly EmbeddingShard[], parts: number): EmbeddingShard[][] {
  const total = shards.reduce((sum, shard) => sum + shard.tokens, 0);
  const groups: EmbeddingShard[][] = [];
  let before = 0;
  for (const shard of shards) {
    const group = Math.min(parts - 1, Math.floor(((before + shard.tokens / 2) / Math.max(total, 1)) * parts));
    (groups[group] ??= []).push(shard);
    before += shard.tokens;
  }
  return groups.filter((group) => group !== undefined);
}

function heldBytes(shards: readonly EmbeddingShard[], dim: number, resident: boolean): number {
  const sizes = shards.map(({ tokens }) => tokens * dim * 2);
  return resident ? sizes.reduce((sum, size) => sum + size, 0) : Math.max(...sizes);
}
