import type { Encoder, Matrix } from "../../encoders/encoder.ts";
import { createKernel } from "../../kernels/kernel.ts";
import { topK } from "../../kernels/top_k.ts";
import type { BackendContext } from "../backend.ts";
import { traceStages } from "../stages.ts";
import { openVectors } from "../vectors/open_vectors.ts";
import type { Scored } from "../vectors/exact_search.ts";
import { scoreTexts } from "../vectors/score_texts.ts";
import { openVectorScorer } from "../vectors/scorer.ts";
import { openPassageTexts } from "../passage_texts.ts";

/** Scores candidates exactly. */
export interface SecondStage extends AsyncDisposable {
  readonly passages: number;
  readonly memoryBytes: number;
  /** The ids of the numbers in {@link Scored}. */
  id(number: number): string;
  /** MaxSim of the given passages, best first. */
  score(query: Matrix, ids: readonly string[]): Promise<Scored>;
}

/** MaxSim from the index's stored vectors. */
export async function storedVectors(folder: string, context: BackendContext): Promise<SecondStage> {
  const embeddings = openVectors(folder, context);
  const scorer = await openVectorScorer(embeddings, { ...context, memory: "auto" });
  return {
    passages: embeddings.ids.length,
    memoryBytes: scorer.memoryBytes,
    id: (number) => embeddings.ids[number],
    score: (query, ids) => scorer.score(query, ids),
    [Symbol.asyncDispose]: () => scorer[Symbol.asyncDispose](),
  };
}

/**
 * MaxSim from the passages' texts, which are encoded when they are candidates (ColBERT v1's `test.py`). The encoder's work is
 * part of the search and of its MACs. Vectors may differ in the last digits from stored ones, which were encoded in other batches.
 */
export async function encodedOnTheFly(folder: string, context: BackendContext): Promise<SecondStage> {
  // Who only verifies an index opens it without one.
  const encoder: Encoder | undefined = await context.encoder?.();
  const texts = openPassageTexts(folder, undefined, context);
  const kernel = createKernel(context.kernel);
  return {
    passages: texts.passages,
    memoryBytes: 0,
    id: (number) => texts.id(number),
    async score(query, ids) {
      if (!encoder) throw new TypeError("Re-ranking from texts needs an encoder");
      const trace = traceStages(context.tracing);
      const wanted = texts.read(ids);
      const { scores, macs } = await scoreTexts(kernel, encoder, query, wanted.texts);
      const best = topK(scores, scores.length, wanted.numbers);
      trace.end("maxsim", macs, wanted.bytes, scores.length);
      return { ...best, stages: trace.stages };
    },
    [Symbol.asyncDispose]() {
      kernel.close();
      return Promise.resolve();
    },
  };
}
