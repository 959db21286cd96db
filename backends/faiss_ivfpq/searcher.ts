import type { Embeddings } from "../../encoders/embeddings/read.ts";
import type { Matrix } from "../../encoders/encoder.ts";
import { badInput } from "../../support/errors.ts";
import type { BackendContext, Stage } from "../backend.ts";
import { numbersOfBits } from "../passage_bits.ts";
import { traceStages } from "../stages.ts";
import type { Scored } from "../vectors/exact_search.ts";
import { openVectorScorer, type ScorerOptions, type VectorScorer } from "../vectors/scorer.ts";
import type { Engine } from "./engine.ts";
import { readSlices } from "./slices.ts";

/** Passages that the index proposes for a query, by number, ascending. */
export interface Proposed {
  readonly numbers: Int32Array<ArrayBuffer>;
  readonly stages: readonly Stage[];
}

/** An IVFPQ index over some embeddings, and exact scores for what it finds. */
export interface IvfpqSearcher extends AsyncDisposable {
  readonly scorer: VectorScorer;
  /** Sub-quantisers. */
  readonly m: number;
  readonly memoryBytes: number;
  candidates(query: Matrix): Promise<Proposed>;
  /** The candidates of a query, and all of them ranked. */
  rank(query: Matrix): Promise<{
    readonly candidates: Int32Array;
    readonly ranked: Pick<Scored, "numbers" | "scores">;
    readonly stages: Stage[];
  }>;
}

/**
 * Opens the files of an index with the embeddings that it was built over.
 *
 * @param paths the slices, in the vectors' order
 * @throws {LatebenchError} where they do not hold as many vectors
 */
export async function openIvfpqSearcher(
  embeddings: Embeddings,
  paths: readonly string[],
  engine: Engine,
  { nprobe, faiss_depth, ids }: {
    readonly nprobe: number;
    readonly faiss_depth: number;
    /** Where some passages are gone: see {@link ScorerOptions}. */
    readonly ids?: ScorerOptions["ids"];
  },
  context: BackendContext,
): Promise<IvfpqSearcher> {
  const { dim, tokens } = embeddings.header;
  const set = readSlices(paths, embeddings.lengths, context.kernel);
  const stored = set.slices.reduce((sum, { index }) => sum + index.total, 0);
  if (stored !== tokens || set.slices.some(({ index }) => index.dim !== dim)) {
    throw badInput(paths.join(", "), `${stored} vectors in its lists`, `${tokens} of ${dim} dimensions`);
  }
  const scorer = await openVectorScorer(embeddings, { ...context, memory: "auto", ids });
  const prober = await engine.open(set, nprobe, context);
  const candidates = async (query: Matrix): Promise<Proposed> => {
    const trace = traceStages(context.tracing);
    const { passages, macs, bytes } = await prober.candidates(query, faiss_depth);
    const numbers = numbersOfBits(passages);
    trace.end("faiss", macs, bytes, numbers.length);
    return { numbers, stages: trace.stages };
  };
  const idBytes = embeddings.ids.reduce((sum, id) => sum + id.length, 0);
  return {
    scorer,
    m: set.slices[0].index.m,
    memoryBytes: scorer.memoryBytes + prober.memoryBytes + 4 * tokens + idBytes,
    candidates,
    async rank(query) {
      const { numbers, stages: before } = await candidates(query);
      const { stages, ...ranked } = await scorer.score(query, numbers);
      return { candidates: numbers, ranked, stages: [...before, ...stages] };
    },
    async [Symbol.asyncDispose]() {
      prober[Symbol.dispose]();
      await scorer[Symbol.asyncDispose]();
    },
  };
}
