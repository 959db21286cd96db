import { serveTasks, type TaskResult } from "../../support/worker_tasks.ts";
import type { Matrix } from "../../encoders/encoder.ts";
import { createKernel, type Kernel, type KernelChoice } from "../../kernels/kernel.ts";
import { blockQueries, maxsim } from "../../kernels/maxsim.ts";
import { maxsimI8, quantiseQueries } from "../../kernels/maxsim_i8.ts";
import { column, type TopK, topK } from "../../kernels/top_k.ts";
import type { Guide } from "./guide.ts";
import { type Access, floats, halves, openRowReader, type RowFile, type RowReader } from "./rows.ts";
import type { Part } from "./work.ts";

/** What a worker needs to score any part of a collection; all arrays are shared. */
export interface ScorerSetup {
  readonly kernel: KernelChoice;
  readonly access: Access;
  readonly dim: number;
  /** Rows of each shard, fp16. */
  readonly shards: readonly RowFile[];
  /** Number of the first passage of each shard. */
  readonly firsts: readonly number[];
  /** Rows of each passage. */
  readonly lengths: Int32Array<SharedArrayBuffer>;
  /** Row of each passage within the collection. */
  readonly starts: Float64Array<SharedArrayBuffer>;
  /** The same rows in int8, see `guide.ts`. */
  readonly guide?: Pick<Guide, "width" | "parts">;
}

/** What a scoring worker can be asked for; `open` comes first. */
export type ScoreTask =
  | { readonly open: ScorerSetup }
  /** The best `k` of some parts, for each query. */
  | { readonly search: readonly Matrix[]; readonly parts: readonly Part[]; readonly k: number }
  /** Scores of just these passages, in their order (ascending). */
  | { readonly score: Matrix; readonly passages: Int32Array<ArrayBuffer> }
  /** Approximate scores of some parts, written to their places in `out`, `[passages, queries]`. */
  | {
    readonly guess: readonly Matrix[];
    readonly parts: readonly Part[];
    readonly out: Float32Array<SharedArrayBuffer>;
  }
  /** Unmaps what is mapped: the end of a thread does not do that. */
  | { readonly close: true };

/** Numbers and scores, for each query; empty for `open`, `guess` and `close`. */
export type ScoreAnswer = readonly TopK[];

interface Opened {
  readonly setup: ScorerSetup;
  readonly kernel: Kernel;
  readonly reader: RowReader;
}

let opened: Opened | undefined;

serveTasks<ScoreTask, ScoreAnswer>((task): TaskResult<ScoreAnswer> => {
  const result = run(task);
  return { result, transfer: result.flatMap(({ numbers, scores }) => [numbers.buffer, scores.buffer]) };
});

function run(task: ScoreTask): ScoreAnswer {
  if ("open" in task) {
    const kernel = createKernel(task.open.kernel);
    opened = { setup: task.open, kernel, reader: openRowReader(kernel, task.open.access) };
    return [];
  }
  if (!opened) throw new Error("the first task of a scoring worker must be open");
  if ("close" in task) {
    opened.reader[Symbol.dispose]();
    opened.kernel.close();
    opened = undefined;
    return [];
  }
  if ("search" in task) return search(opened, task.search, task.parts, task.k);
  if ("score" in task) return [{ numbers: task.passages, scores: score(opened, task.score, task.passages) }];
  guess(opened, task.guess, task.parts, task.out);
  return [];
}

function search(
  { setup, kernel, reader }: Opened,
  queries: readonly Matrix[],
  parts: readonly Part[],
  k: number,
): TopK[] {
  const count = parts.reduce((sum, { from, until }) => sum + until - from, 0);
  const numbers = new Int32Array(count);
  const scores = new Float32Array(count * queries.length);
  const block = blockQueries(kernel, queries);
  let at = 0;
  for (const { shard, from, until } of parts) {
    const rows = halves(reader.read(setup.shards[shard]));
    const passages = {
      starts: startsAfter(setup, setup.firsts[shard], from, until),
      lengths: setup.lengths.subarray(from, until),
    };
    maxsim(kernel, block, rows, passages, scores.subarray(at * queries.length, (at + until - from) * queries.length));
    for (let number = from; number < until; number++) numbers[at++] = number;
  }
  return queries.map((_, q) => topK(column(scores, q, queries.length), k, numbers));
}

function score({ setup, kernel, reader }: Opened, query: Matrix, numbers: Int32Array): Float32Array<ArrayBuffer> {
  const scores = new Float32Array(numbers.length);
  const block = blockQueries(kernel, [query]);
  for (let from = 0, shard = 0; from < numbers.length; shard++) {
    const end = setup.firsts[shard + 1] ?? Infinity;
    if (numbers[from] >= end) continue;
    let until = from;
    while (until < numbers.length && numbers[until] < end) until++;
    const wanted = numbers.subarray(from, until);
    const first = setup.starts[setup.firsts[shard]];
    const starts = Float64Array.from(wanted, (number) => setup.starts[number] - first);
    const lengths = Int32Array.from(wanted, (number) => setup.lengths[number]);
    const rows = halves(reader.read(setup.shards[shard]));
    maxsim(kernel, block, rows, { starts, lengths }, scores.subarray(from, until));
    from = until;
  }
  return scores;
}

function guess(
  { setup, kernel, reader }: Opened,
  queries: readonly Matrix[],
  parts: readonly Part[],
  out: Float32Array,
): void {
  const { width, parts: files } = setup.guide!;
  const block = quantiseQueries(kernel, queries);
  for (const { from, until } of parts) {
    const { first, values, scales } = files.findLast(({ first }) => first <= from)!;
    const rows = { width, values: reader.read(values), scales: floats(reader.read(scales)) };
    const passages = { starts: startsAfter(setup, first, from, until), lengths: setup.lengths.subarray(from, until) };
    maxsimI8(kernel, block, rows, passages, out.subarray(from * queries.length, until * queries.length));
  }
}

/** Rows at which passages begin, counted from the first one of the passage `first`. */
function startsAfter({ starts }: ScorerSetup, first: number, from: number, until: number): Float64Array {
  const before = starts[first];
  return before === 0 ? starts.subarray(from, until) : starts.slice(from, until).map((start) => start - before);
}
