import { serveTasks, type TaskResult } from "../support/worker_tasks.ts";
import type { EncodedPassages } from "./encoder.ts";
import type { EncoderConfig } from "./config.ts";
import { type ForwardMacs, macsOf } from "./flops/forward_macs.ts";
import { finishRow } from "./normalise.ts";
import { type OnnxSession, openOnnxSession } from "./onnx_session.ts";
import { poolTokens } from "./pool_tokens.ts";
import { type TokenisedText, tokenisePassage } from "./tokenise.ts";
import { readVocabulary, type Vocabulary } from "./word_pieces.ts";

/** What an encoding worker can be asked for. `open` comes first. */
export type EncodeTask =
  | { readonly open: WorkerModel }
  | { readonly tokenise: readonly string[] }
  | { readonly encode: readonly TokenisedText[] };

/** The model as a worker loads it. */
export interface WorkerModel {
  readonly modelFile: string;
  readonly tokenizerFile: string;
  readonly config: EncoderConfig;
  /** The rows that are kept have unit length as they come out of the model. */
  readonly normalised: boolean;
  /** Texts a batch at the most, where the model fixes it. */
  readonly fixedBatch: number | null;
  /** What forward passes cost, where that is known. */
  readonly forwardMacs: ForwardMacs | null;
  /** Length to which all batches are padded; null: that of their longest text. */
  readonly padTo: number | null;
  /** onnxruntime threads of each worker. */
  readonly threads: number;
}

/** The answer to each task: nothing, tokenised texts, or vectors in the order of the batch. */
export type EncodeAnswer = null | readonly TokenisedText[] | EncodedPassages;

let model: { session: OnnxSession; vocabulary: Vocabulary; settings: WorkerModel } | undefined;

serveTasks<EncodeTask, EncodeAnswer>(async (task) => {
  if ("open" in task) {
    const settings = task.open;
    model = {
      settings,
      vocabulary: readVocabulary(settings.tokenizerFile),
      session: await openOnnxSession(settings.modelFile, settings.threads),
    };
    return { result: null };
  }
  if (!model) throw new Error("the first task of an encoding worker must be open");
  const { session, vocabulary, settings } = model;
  if ("tokenise" in task) {
    return { result: task.tokenise.map((text) => tokenisePassage(text, settings.config, vocabulary.wordPieces)) };
  }
  return await encodeBatch(session, task.encode, settings);
});

async function encodeBatch(
  session: OnnxSession,
  batch: readonly TokenisedText[],
  { config, modelFile, normalised, forwardMacs, fixedBatch, padTo }: WorkerModel,
): Promise<TaskResult<EncodedPassages>> {
  const { data, length, dim: columns } = await session.run(batch, config.pad_id, padTo);
  const { dim, pool_factor: factor = 1 } = config;
  const passages = batch.map((text, index) => {
    const kept = text.keep.flatMap((keep, position) => keep ? [position] : []);
    const vectors = new Float32Array(kept.length * dim);
    kept.forEach((position, row) => {
      const start = (index * length + position) * columns;
      const vector = vectors.subarray(row * dim, (row + 1) * dim);
      vector.set(data.subarray(start, start + dim));
      finishRow(vector, normalised, modelFile);
    });
    return poolTokens({ data: vectors, rows: kept.length, dim }, factor);
  });
  const lengths = Int32Array.from(passages, ({ rows }) => rows);
  const rows = new Float16Array(lengths.reduce((sum, n) => sum + n, 0) * dim);
  let at = 0;
  for (const passage of passages) {
    rows.set(passage.data, at);
    at += passage.data.length;
  }
  const macs = forwardMacs && macsOf(forwardMacs, fixedBatch ?? batch.length, length);
  return { result: { rows, lengths, dim, macs }, transfer: [rows.buffer, lengths.buffer] };
}
