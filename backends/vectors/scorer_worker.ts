import { sha256 } from "../../support/hash.ts";
import { badInput, explainIoError } from "../../support/errors.ts";
import { serveTasks, type TaskResult } from "../../support/worker_pool.ts";
import type { EmbeddingShard } from "../../encoders/embeddings/read.ts";
import type { Matrix } from "../../encoders/encoder.ts";
import { createKernel, type Kernel, type KernelChoice } from "../../kernels/kernel.ts";
import { type TopK, topK } from "../../kernels/top_k.ts";

/** The part of a collection that one worker scores. */
export interface WorkerShare {
  readonly kernel: KernelChoice;
  readonly dim: number;
  readonly shards: readonly EmbeddingShard[];
  /** Rows of each passage of these shards. */
  readonly lengths: Int32Array<ArrayBuffer>;
  /** Keeps all rows in memory; else each search reads them from the files. */
  readonly resident: boolean;
}

/** What a scoring worker can be asked for. `open` comes first; passage numbers are those of the whole collection. */
export type ScoreTask =
  | { readonly open: WorkerShare }
  | { readonly search: Matrix; readonly k: number }
  | { readonly score: Matrix; readonly passages: Int32Array<ArrayBuffer> };

/** Scores of a task; in `score`'s case in the order of `passages`. */
export type ScoreAnswer = TopK;

interface Opened {
  readonly share: WorkerShare;
  readonly kernel: Kernel;
  /** First row of every passage within the share. */
  readonly starts: Float64Array;
}

let opened: Opened | undefined;

serveTasks<ScoreTask, ScoreAnswer>((task): TaskResult<ScoreAnswer> => {
  if ("open" in task) {
    opened = open(task.open);
    return { result: { numbers: new Int32Array(0), scores: new Float32Array(0) } };
  }
  if (!opened) throw new Error("the first task of a scoring worker must be open");
  const result = "search" in task
    ? searchShare(opened, task.search, task.k)
    : { numbers: task.passages, scores: scoreSome(opened, task.score, task.passages) };
  return { result, transfer: [result.numbers.buffer, result.scores.buffer] };
});

function open(share: WorkerShare): Opened {
  const starts = new Float64Array(share.lengths.length + 1);
  for (let i = 0; i < share.lengths.length; i++) starts[i + 1] = starts[i] + share.lengths[i];
  const sizes = share.shards.map(({ tokens }) => tokens * share.dim * 2);
  const capacity = share.resident ? sizes.reduce((sum, size) => sum + size, 0) : Math.max(...sizes);
  const kernel = createKernel(share.kernel, share.dim, capacity);
  if (share.resident) {
    let at = 0;
    for (const shard of share.shards) at += readRows(shard, kernel.rows.subarray(at), share.dim, true);
  }
  return { share, kernel, starts };
}

function searchShare(worker: Opened, query: Matrix, k: number): TopK {
  const best = topK(scoreAll(worker, query), k);
  const { first } = worker.share.shards[0];
  return { ...best, numbers: best.numbers.map((number) => number + first) };
}

function scoreAll({ share, kernel }: Opened, query: Matrix): Float32Array {
  const scores = new Float32Array(share.lengths.length);
  kernel.setQuery(query);
  if (share.resident) {
    kernel.maxsim(0, share.lengths, scores);
    return scores;
  }
  const base = share.shards[0].first;
  for (const shard of share.shards) {
    readRows(shard, kernel.rows, share.dim, false);
    const from = shard.first - base;
    kernel.maxsim(0, share.lengths.subarray(from, from + shard.passages), scores.subarray(from, from + shard.passages));
  }
  return scores;
}

function scoreSome(
  { share, kernel, starts }: Opened,
  query: Matrix,
  passages: Int32Array,
): Float32Array<ArrayBuffer> {
  const scores = new Float32Array(passages.length);
  const base = share.shards[0].first;
  const rowBytes = share.dim * 2;
  kernel.setQuery(query);
  passages.forEach((number, i) => {
    const passage = number - base;
    const length = share.lengths.subarray(passage, passage + 1);
    let at = starts[passage] * rowBytes;
    if (!share.resident) {
      const shard = share.shards.findLast(({ first }) => first <= number)!;
      const from = (starts[passage] - starts[shard.first - base]) * rowBytes;
      readPart(shard.file, from, kernel.rows.subarray(0, length[0] * rowBytes));
      at = 0;
    }
    kernel.maxsim(at, length, scores.subarray(i, i + 1));
  });
  return scores;
}

/** Reads a whole shard to the beginning of `target`. Returns its bytes. */
function readRows(shard: EmbeddingShard, target: Uint8Array, dim: number, verify: boolean): number {
  const bytes = target.subarray(0, shard.tokens * dim * 2);
  readPart(shard.file, 0, bytes);
  if (verify && sha256(bytes) !== shard.sha256) {
    throw badInput(shard.file, "another checksum than when it was written", "the rows that latebench wrote");
  }
  return bytes.length;
}

function readPart(path: string, from: number, target: Uint8Array): void {
  try {
    using file = Deno.openSync(path, { read: true });
    file.seekSync(from, Deno.SeekMode.Start);
    for (let at = 0; at < target.length;) {
      const n = file.readSync(target.subarray(at));
      if (n === null) throw badInput({ file: path, byte: from + at }, "the end of the file", "more rows");
      at += n;
    }
  } catch (error) {
    throw explainIoError(error, path);
  }
}
