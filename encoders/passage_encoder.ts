import { openWorkerPool, type WorkerPool } from "../support/worker_pool.ts";
import { badInput } from "../support/errors.ts";
import { limitHint, limits } from "../support/limits.ts";
import { untilStalled } from "../support/stall.ts";
import type { EncodeAnswer, EncodeTask, WorkerModel } from "./encode_worker.ts";
import type { EncodedPassages } from "./encoder.ts";
import { addMacs, type Macs, NO_MACS } from "./flops/macs.ts";
import type { TokenisedText } from "./tokenise.ts";

/** How passages are spread over threads. */
export interface EncodingLayout {
  readonly workers: number;
  /** onnxruntime threads of each worker. */
  readonly threadsEach: number;
  /** Passages a batch. */
  readonly batchSize: number;
  /** Batches are padded to their longest passage (default), or all to `doc_maxlen`. */
  readonly padding?: "batch" | "maximum";
  /** Batches hold passages of about the same length (default), or those that follow one another. */
  readonly order?: "length" | "given";
  /** Passages are tokenised on all workers (default), or on one. */
  readonly tokenising?: "parallel" | "alone";
}

/** Passages a batch; chosen by measurement (`docs/encoding.md`). */
export const BATCH_SIZE = 8;

/** The layout for a number of threads: a worker each; chosen by measurement (`docs/encoding.md`). */
export function defaultLayout(threads: number): EncodingLayout {
  return { workers: threads, threadsEach: 1, batchSize: BATCH_SIZE };
}

const WORKER = new URL("./encode_worker.ts", import.meta.url);

/** Passages a tokenising task. */
const TOKENISE_SIZE = 64;

/** Encodes passages on several workers. */
export interface PassageEncoder {
  encode(texts: readonly string[], onProgress?: (done: number) => void): Promise<EncodedPassages>;
  close(): void;
}

/**
 * Encodes on several workers, each with a model of its own: tokenising runs in parallel too, and with one thread a worker no
 * thread waits for another inside a layer. Workers start with the first call.
 */
export function startPassageEncoder(
  model: Omit<WorkerModel, "threads" | "padTo">,
  { workers: count, threadsEach, batchSize, padding = "batch", order = "length", tokenising = "parallel" }:
    EncodingLayout,
): PassageEncoder {
  const padTo = padding === "maximum" ? model.config.doc_maxlen : null;
  const { model_seconds: seconds } = limits();
  const stalled = () => {
    const found = `a model or tokenizer that has not answered for ${seconds} s`;
    return badInput(model.modelFile, found, `less for a batch (${limitHint("model_seconds")})`);
  };
  let pool: Promise<WorkerPool<EncodeTask, EncodeAnswer>> | undefined;
  return {
    async encode(texts, onProgress) {
      const workers =
        await (pool ??= openWorkerPool(WORKER, count, { open: { ...model, threads: threadsEach, padTo } }));
      const watched = <T>(work: (step: () => void) => Promise<T>) => untilStalled(seconds, stalled, work);
      const tokens = await watched((step) => tokenise(workers, texts, tokenising, step));
      const sorted = tokens.map((_, i) => i);
      if (order === "length") sorted.sort((a, b) => tokens[b].ids.length - tokens[a].ids.length || a - b);
      const batches = chunk(sorted, Math.min(batchSize, model.fixedBatch ?? batchSize));
      let done = 0;
      const encoded = await watched((step) =>
        Promise.all(batches.map(async (batch) => {
          const answer = await workers.run({ encode: batch.map((i) => tokens[i]) });
          step();
          onProgress?.(done += batch.length);
          return answer as EncodedPassages;
        }))
      );
      return inPassageOrder(texts.length, model.config.dim, batches, encoded);
    },
    close() {
      pool?.then((workers) => workers.close(), () => {});
    },
  };
}

async function tokenise(
  pool: WorkerPool<EncodeTask, EncodeAnswer>,
  texts: readonly string[],
  how: "parallel" | "alone",
  step: () => void,
): Promise<readonly TokenisedText[]> {
  const parts = chunk(texts, TOKENISE_SIZE).map(async (part) => {
    const answer = how === "parallel" ? await pool.run({ tokenise: part }) : await pool.runOn(0, { tokenise: part });
    step();
    return answer;
  });
  return (await Promise.all(parts)).flatMap((part) => part as readonly TokenisedText[]);
}

/** Puts the vectors of length-sorted batches back into the order in which the passages were given. */
function inPassageOrder(
  count: number,
  dim: number,
  batches: readonly (readonly number[])[],
  encoded: readonly EncodedPassages[],
): EncodedPassages {
  const lengths = new Int32Array(count);
  batches.forEach((batch, b) => batch.forEach((passage, i) => lengths[passage] = encoded[b].lengths[i]));
  const starts = new Float64Array(count + 1);
  for (let i = 0; i < count; i++) starts[i + 1] = starts[i] + lengths[i];
  const rows = new Float16Array(starts[count] * dim);
  batches.forEach((batch, b) => {
    let from = 0;
    batch.forEach((passage) => {
      const until = from + lengths[passage] * dim;
      rows.set(encoded[b].rows.subarray(from, until), starts[passage] * dim);
      from = until;
    });
  });
  const macs = encoded.reduce<Macs | null>((sum, { macs }) => sum && macs && addMacs(sum, macs), NO_MACS);
  return { rows, lengths, dim, macs };
}

function chunk<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
