import type { Matrix } from "../../encoders/encoder.ts";
import { type TopK, topK } from "../../kernels/top_k.ts";
import type { WorkerPool } from "../../support/worker_pool.ts";
import type { Stage } from "../backend.ts";
import { type StageTrace, traceStages } from "../stages.ts";
import type { ScoreAnswer, ScorerSetup, ScoreTask } from "./scorer_worker.ts";
import type { Part } from "./work.ts";

/** The workers of a scorer, and what they were told. */
export interface ScorerWorkers {
  readonly pool: WorkerPool<ScoreTask, ScoreAnswer>;
  readonly setup: ScorerSetup;
  readonly threads: number;
  readonly tracing?: boolean;
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
  { pool, setup, tracing }: ScorerWorkers,
  tasks: readonly (readonly Part[])[],
  group: readonly Wanted[],
): Promise<Scored[]> {
  const traces = group.map(() => traceStages(tracing, group.length));
  const queries = group.map(({ query }) => query);
  const most = Math.max(...group.map(({ k }) => k));
  const answers = await Promise.all(tasks.map((parts) => pool.run({ search: queries, parts, k: most })));
  return group.map(({ query, k }, i) => {
    const best = merge(answers.map((answer) => answer[i]), k);
    endMaxsim(traces[i], rowsOf(setup), query, best);
    return { ...best, stages: traces[i].stages };
  });
}

/** Rows of the whole collection. */
export function rowsOf({ starts, lengths }: ScorerSetup): number {
  return lengths.length === 0 ? 0 : starts[lengths.length - 1] + lengths[lengths.length - 1];
}

/** Scores some passages (or those that a function looks up) exactly, best first: each thread takes about as many tokens. */
export async function scorePassages(
  { pool, setup, threads, tracing }: ScorerWorkers,
  query: Matrix,
  passages: Int32Array<ArrayBuffer> | (() => Int32Array<ArrayBuffer>),
): Promise<Scored> {
  const trace = traceStages(tracing);
  const sorted = (passages instanceof Int32Array ? passages : passages()).slice().sort();
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
  endMaxsim(trace, rows, query, best);
  return { ...best, stages: trace.stages };
}

function endMaxsim(trace: StageTrace, rows: number, query: Matrix, { numbers }: TopK): void {
  trace.end("maxsim", { float: rows * query.rows * query.dim, integer: 0 }, rows * query.dim * 2, numbers.length);
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
