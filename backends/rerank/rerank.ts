import { countOption, MAX_DEPTH } from "../bounds.ts";
import { join } from "node:path";
import { z } from "zod";
import type { Backend, BackendQuery, Index, SearchResult, Stage } from "../backend.ts";
import { expectPassages, folderFootprint, readIndexFile, writeIndexFile } from "../index_file.ts";
import { innerSpec } from "../inner_spec.ts";
import { writePassageTexts } from "../passage_texts.ts";
import { checkK, EMPTY_RESULT } from "../result.ts";
import { linkFolder } from "../vectors/link.ts";
import { queryVectors, VECTORS_FOLDER } from "../vectors/open_vectors.ts";
import { openExpansion } from "./expand.ts";
import { FIRST_FOLDER, isBackendSpec, openFirstStage } from "./first_stage.ts";
import { writeNeighbours } from "./neighbours.ts";
import { encodedOnTheFly, type SecondStage, storedVectors } from "./second_stage.ts";

const NAME = "rerank";
const VERSION = 1;

const options = z.object({
  first: innerSpec("bm25"),
  depth: countOption(MAX_DEPTH).default(1000),
  vectors: z.enum(["stored", "text"]).default("stored"),
  neighbours: z.coerce.number().int().min(0).max(1024).default(0),
  adaptive: z.coerce.number().int().min(0).max(MAX_DEPTH).default(0),
});

/**
 * Exact MaxSim over the candidates of a first stage (SIGIR'20 §3.5, "top-k re-ranking"). `first` is a backend (in brackets where
 * it has several options: `first=[bm25:k1=0.9,b=0.4]`), `candidates` for the data set's own list, or a run file; `depth` is how
 * many candidates are re-ranked; `vectors=text` encodes the candidates' texts during the search instead of reading stored vectors.
 *
 * With `neighbours` above 0 it is LADR: passages near the candidates (by BM25) are re-ranked too, all of them, or, with `adaptive`
 * above 0, those near the best so many until nothing new comes ({@link expandAndScore}).
 *
 * On disk: `first/`, the first stage's index; `vectors/`, the collection's embeddings, or the passages' texts; `neighbours.bin`.
 */
export const rerank: Backend<z.infer<typeof options>> = {
  name: NAME,
  version: VERSION,
  summary: "exact MaxSim over the candidates of a first stage",
  capabilities: {
    endToEnd: false,
    input: "vectors",
    updatable: false,
    filterable: false,
    deterministic: true,
    concurrent: true,
  },
  options,
  buildOptions: ["first", "vectors", "neighbours"],
  async build(source, folder, { first, vectors, neighbours }, context) {
    if (isBackendSpec(first)) linkFolder(await source.index(first), join(folder, FIRST_FOLDER));
    let passages: number;
    if (vectors === "text") passages = writePassageTexts(folder, source.dataset.passages());
    else {
      const embeddings = await source.embeddings();
      linkFolder(embeddings.folder, join(folder, VECTORS_FOLDER));
      passages = embeddings.ids.length;
    }
    if (neighbours > 0) await writeNeighbours(folder, source, neighbours, context);
    writeIndexFile(folder, { backend: NAME, version: VERSION, passages });
  },
  async open(folder, { first, depth, vectors, neighbours, adaptive }, context): Promise<Index> {
    const { passages } = readIndexFile(folder, NAME, VERSION);
    const second = await (vectors === "text" ? encodedOnTheFly : storedVectors)(folder, context);
    expectPassages(folder, passages, second.passages);
    const firstStage = await openFirstStage(first, folder, context);
    const expansion = neighbours > 0
      ? openExpansion(folder, passages, { neighbours, adaptive }, second, context)
      : null;
    const score = async (
      query: BackendQuery,
      ids: readonly string[],
      before: readonly Stage[],
      by: Pick<SecondStage, "score">,
    ): Promise<SearchResult> => {
      const matrix = queryVectors(query);
      if (ids.length === 0 || matrix.rows === 0) return { ...EMPTY_RESULT, stages: before };
      const { numbers, scores, stages } = await by.score(matrix, ids);
      return { ids: Array.from(numbers, (number) => second.id(number)), scores, stages: [...before, ...stages] };
    };
    return {
      passages,
      settings: { first, depth, vectors, neighbours, adaptive },
      async search(query, k) {
        checkK(k);
        if (k === 0) return EMPTY_RESULT;
        const { ids, stages } = await firstStage.candidates(query, depth);
        const all = await score(query, ids, stages, expansion ?? second);
        return { ...all, ids: all.ids.slice(0, k), scores: all.scores.slice(0, k) };
      },
      rerank: (query, ids) => score(query, ids, [], second),
      footprint: () =>
        folderFootprint(folder, second.memoryBytes + firstStage.memoryBytes + (expansion?.memoryBytes ?? 0)),
      async [Symbol.asyncDispose]() {
        await firstStage[Symbol.asyncDispose]();
        await second[Symbol.asyncDispose]();
      },
    };
  },
};
