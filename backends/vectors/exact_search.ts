import type { Matrix } from "../../encoders/encoder.ts";
import { type TopK, topK } from "../../kernels/top_k.ts";
import type { WorkerPool } from "../../support/worker_pool.ts";
import type { Stage } from "../backend.ts";
import type { ScoreAnswer, ScorerSetup, ScoreTask } from "./scorer_worker.ts";
import type { Part } from "./work.ts";

/** The workers of a scorer, and what they were told. */
export interface ScorerWorkers {
  readonly pool: WorkerPool<ScoreTask, ScoreAnswer>;
  readonly setup: ScorerSetup;
  readonly threads: number;
}

/** One search. */
export interface Wanted {
  readonly query: Matrix;
  readonly k: number;
}

/** Passage numbers with scores, best first, and the work done. */
export interface Scored extends TopK {
  readonly stages: readonly Stage[];
}

/** The best `k` of all passages for some queries, from all rows. */
export async function plainSearch(
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
    return { ...best, stages: [maxsimStage(ms, rowsOf(setup), query, best)] };
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
  return { ...best, stages: [maxsimStage(performance.now() - started, rows, query, best)] };
}

function maxsimStage(ms: number, rows: number, query: Matrix, { numbers }: TopK): Stage {
  return {
    name: "maxsim",
    ms,
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
