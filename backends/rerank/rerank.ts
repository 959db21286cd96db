import { join } from "node:path";
import { z } from "zod";
import type { Backend, BackendQuery, Index, SearchResult, Stage } from "../backend.ts";
import { innerSpec } from "../inner_spec.ts";
import { folderFootprint, readIndexFile, writeIndexFile } from "../index_file.ts";
import { checkK, EMPTY_RESULT } from "../result.ts";
import { linkFolder } from "../vectors/link.ts";
import { queryVectors, VECTORS_FOLDER } from "../vectors/open_vectors.ts";
import { FIRST_FOLDER, isBackendSpec, openFirstStage } from "./first_stage.ts";
import { writePassageTexts } from "../passage_texts.ts";
import { encodedOnTheFly, storedVectors } from "./second_stage.ts";

const NAME = "rerank";
const VERSION = 1;

const options = z.object({
  first: innerSpec("bm25"),
  depth: z.coerce.number().int().positive().default(1000),
  vectors: z.enum(["stored", "text"]).default("stored"),
});

/**
 * Exact MaxSim over the candidates of a first stage (SIGIR'20 §3.5, "top-k re-ranking"). `first` is a backend (in brackets where
 * it has several options: `first=[bm25:k1=0.9,b=0.4]`), `candidates` for the data set's own list, or a run file; `depth` is how
 * many candidates are re-ranked; `vectors=text` encodes the candidates' texts during the search instead of reading stored vectors.
 *
 * On disk: `first/`, the first stage's index; `vectors/`, the collection's embeddings, or the passages' texts.
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
  buildOptions: ["first", "vectors"],
  async build(source, folder, { first, vectors }) {
    if (isBackendSpec(first)) linkFolder(await source.index(first), join(folder, FIRST_FOLDER));
    let passages: number;
    if (vectors === "text") passages = writePassageTexts(folder, source.dataset.passages());
    else {
      const embeddings = await source.embeddings();
      linkFolder(embeddings.folder, join(folder, VECTORS_FOLDER));
      passages = embeddings.ids.length;
    }
    writeIndexFile(folder, { backend: NAME, version: VERSION, passages });
  },
  async open(folder, { first, depth, vectors }, context): Promise<Index> {
    const { passages } = readIndexFile(folder, NAME, VERSION);
    const second = await (vectors === "text" ? encodedOnTheFly : storedVectors)(folder, context);
    const firstStage = await openFirstStage(first, folder, context);
    const score = async (
      query: BackendQuery,
      ids: readonly string[],
      before: readonly Stage[],
    ): Promise<SearchResult> => {
      const matrix = queryVectors(query);
      if (ids.length === 0 || matrix.rows === 0) return { ...EMPTY_RESULT, stages: before };
      const { numbers, scores, stages } = await second.score(matrix, ids);
      return {
        ids: Array.from(numbers, (number) => second.id(number)),
        scores,
        stages: [...before, ...stages],
      };
    };
    return {
      passages,
      settings: { first, depth, vectors },
      async search(query, k) {
        checkK(k);
        if (k === 0) return EMPTY_RESULT;
        const { ids, stages } = await firstStage.candidates(query, depth);
        const all = await score(query, ids, stages);
        return { ...all, ids: all.ids.slice(0, k), scores: all.scores.slice(0, k) };
      },
      rerank: (query, ids) => score(query, ids, []),
      footprint: () => folderFootprint(folder, second.memoryBytes + firstStage.memoryBytes),
      async [Symbol.asyncDispose]() {
        await firstStage[Symbol.asyncDispose]();
        await second[Symbol.asyncDispose]();
      },
    };
  },
};
