import { countOption, MAX_DEPTH, seedOption } from "../bounds.ts";
import { join } from "node:path";
import { z } from "zod";
import type { Backend, Index } from "../backend.ts";
import { expectPassages, folderFootprint, readIndexFile, writeIndexFile } from "../index_file.ts";
import { passageNumbers } from "../passage_numbers.ts";
import { checkK, EMPTY_RESULT } from "../result.ts";
import { traceStages } from "../stages.ts";
import { linkFolder } from "../vectors/link.ts";
import { openVectors, queryVectors, VECTORS_FOLDER } from "../vectors/open_vectors.ts";
import { openVectorScorer } from "../vectors/scorer.ts";
import type { Matrix } from "../../encoders/encoder.ts";
import { encodePassages, openEncoded } from "./encoded_collection.ts";

const NAME = "muvera";
const VERSION = 1;

/** Dimensions of an encoding before its last projection. */
const MAX_DIMS = 2 ** 22;

const options = z.object({
  k_sim: z.coerce.number().int().min(1).max(10).default(4),
  d_proj: countOption(1024).default(16),
  r_reps: countOption(1000).default(20),
  d_final: z.coerce.number().int().min(0).max(1_000_000).default(2560),
  seed: seedOption().default(1),
  depth: countOption(MAX_DEPTH).default(200),
}).refine(
  ({ k_sim, d_proj, r_reps }) => r_reps * 2 ** k_sim * d_proj <= MAX_DIMS,
  `r_reps · 2^k_sim · d_proj is more than ${MAX_DIMS} dimensions`,
);

/**
 * MUVERA (Dhulipala et al., NeurIPS 2024): a passage's vectors become one, whose product with a query's one approximates MaxSim;
 * the `depth` best by it (at least k) are scored exactly from stored vectors.
 *
 * `k_sim`, `d_proj`, `r_reps`, `d_final` and `seed` make the encodings, see {@link FdeSettings}. They are kept in int8, and
 * all of them are compared: the paper has a graph index over them, which finds about the same.
 *
 * On disk: `fde.values` (uint8 `[passages, d_final]`, 128 more than they mean), `fde.scales` (float32), `muvera.json`, and `vectors/`, the
 * collection's embeddings (hard links).
 */
export const muvera: Backend<z.infer<typeof options>> = {
  name: NAME,
  version: VERSION,
  summary: "one vector for each passage (MUVERA's fixed dimensional encodings), exact MaxSim over the best of them",
  capabilities: {
    endToEnd: true,
    input: "vectors",
    updatable: false,
    filterable: false,
    deterministic: true,
    concurrent: true,
  },
  options,
  buildOptions: ["k_sim", "d_proj", "r_reps", "d_final", "seed"],
  async build(source, folder, settings, context) {
    const embeddings = await source.embeddings();
    linkFolder(embeddings.folder, join(folder, VECTORS_FOLDER));
    encodePassages(folder, embeddings, settings, context);
    writeIndexFile(folder, { backend: NAME, version: VERSION, passages: embeddings.ids.length });
  },
  async open(folder, { depth, ...settings }, context): Promise<Index> {
    const { passages } = readIndexFile(folder, NAME, VERSION);
    const embeddings = openVectors(folder, context);
    const { ids } = embeddings;
    expectPassages(folder, passages, ids.length);
    const encoded = openEncoded(folder, embeddings, context);
    const scorer = await openVectorScorer(embeddings, { ...context, memory: "auto" });
    const numbersOf = passageNumbers(ids);
    const depthFor = (k: number) => Math.min(Math.max(depth, k), passages);
    const { encoder: { dims, macs }, bytes } = encoded;
    const search = async (matrix: Matrix, k: number) => {
      const trace = traceStages(context.tracing);
      const candidates = encoded.nearest(encoded.encoder.query(matrix), depthFor(k));
      trace.end("fde", { float: matrix.rows * macs, integer: passages * dims }, bytes, candidates.numbers.length);
      const { numbers, scores, stages } = await scorer.score(matrix, candidates.numbers);
      return { candidates, numbers, scores, stages: [...trace.stages, ...stages] };
    };
    let closed = false;
    return {
      passages,
      settings: { ...settings, dims, depth },
      settingsFor: (k) => ({ depth: depthFor(k) }),
      async search(query, k) {
        checkK(k);
        const matrix = queryVectors(query);
        if (k === 0 || matrix.rows === 0) return EMPTY_RESULT;
        const { numbers, scores, stages } = await search(matrix, k);
        return { ids: Array.from(numbers.subarray(0, k), (number) => ids[number]), scores: scores.slice(0, k), stages };
      },
      async rerank(query, wanted) {
        const matrix = queryVectors(query);
        if (wanted.length === 0 || matrix.rows === 0) return EMPTY_RESULT;
        const { numbers, scores, stages } = await scorer.score(matrix, wanted);
        return { ids: Array.from(numbers, (number) => ids[number]), scores, stages };
      },
      async trace(query, k, wanted) {
        const { candidates, numbers, scores } = await search(queryVectors(query), k);
        const guesses = new Map(Array.from(candidates.numbers, (number, i) => [number, candidates.scores[i]]));
        const places = new Map(Array.from(numbers, (number, i) => [number, i]));
        const cuts = [candidates.scores.at(-1) ?? null, scores.subarray(0, k).at(-1) ?? null];
        return Array.from(numbersOf(wanted, "skip"), (number) => {
          const place = places.get(number);
          const first = { name: "fde", kept: place !== undefined, score: guesses.get(number) ?? null, cut: cuts[0] };
          if (place === undefined) return { id: ids[number], stages: [{ ...first, cut: null }], rank: null };
          const kept = place < k;
          const second = { name: "maxsim", kept, score: scores[place], cut: cuts[1] };
          return { id: ids[number], stages: [first, second], rank: kept ? place + 1 : null };
        });
      },
      footprint: () => folderFootprint(folder, scorer.memoryBytes + encoded.memoryBytes),
      async [Symbol.asyncDispose]() {
        if (closed) return;
        closed = true;
        encoded[Symbol.dispose]();
        await scorer[Symbol.asyncDispose]();
      },
    };
  },
};
