import { join } from "node:path";
import { z } from "zod";
import type { Backend, Index, SearchResult } from "../backend.ts";
import { checkK, EMPTY_RESULT } from "../result.ts";
import { folderFootprint, readIndexFile, writeIndexFile } from "../index_file.ts";
import { linkFolder } from "../vectors/link.ts";
import { openVectors, queryVectors, VECTORS_FOLDER } from "../vectors/open_vectors.ts";
import { openVectorScorer, type Scored } from "../vectors/scorer.ts";

const NAME = "exhaustive";
const VERSION = 1;

const options = z.object({
  memory: z.enum(["auto", "resident", "stream"]).default("auto"),
});

/**
 * Exact MaxSim over every passage of the collection, from stored fp16 vectors (SIGIR'20, equation 3): the ranking that every other
 * late-interaction backend approximates. Work is split over worker threads by rows. `memory=stream` reads the rows from
 * disk for each search, for collections that do not fit into memory.
 *
 * On disk: `vectors/`, the collection's embeddings (hard links, see `docs/formats.md`).
 */
export const exhaustive: Backend<z.infer<typeof options>> = {
  name: NAME,
  version: VERSION,
  summary: "exact MaxSim over all passages, from fp16 vectors",
  capabilities: {
    endToEnd: true,
    input: "vectors",
    updatable: false,
    filterable: false,
    deterministic: true,
    concurrent: true,
  },
  options,
  buildOptions: [],
  async build(source, folder) {
    const embeddings = await source.embeddings();
    linkFolder(embeddings.folder, join(folder, VECTORS_FOLDER));
    writeIndexFile(folder, { backend: NAME, version: VERSION, passages: embeddings.ids.length });
  },
  async open(folder, { memory }, context): Promise<Index> {
    const { passages } = readIndexFile(folder, NAME, VERSION);
    const embeddings = openVectors(folder, context);
    const scorer = await openVectorScorer(embeddings, { ...context, memory });
    const idBytes = embeddings.ids.reduce((sum, id) => sum + id.length, 0);
    const answer = (scored: Scored, started: number): SearchResult => ({
      ids: Array.from(scored.numbers, (number) => embeddings.ids[number]),
      scores: scored.scores,
      stages: [{
        name: "maxsim",
        ms: performance.now() - started,
        macs: scored.macs,
        bytes: scored.bytes,
        candidates: scored.numbers.length,
      }],
    });
    return {
      passages,
      settings: { memory },
      async search(query, k) {
        checkK(k);
        const matrix = queryVectors(query);
        if (k === 0 || matrix.rows === 0) return EMPTY_RESULT;
        const started = performance.now();
        return answer(await scorer.search(matrix, k), started);
      },
      async rerank(query, ids) {
        const matrix = queryVectors(query);
        if (ids.length === 0 || matrix.rows === 0) return EMPTY_RESULT;
        const started = performance.now();
        return answer(await scorer.score(matrix, ids), started);
      },
      footprint: () => folderFootprint(folder, scorer.memoryBytes + idBytes),
      [Symbol.asyncDispose]: () => scorer[Symbol.asyncDispose](),
    };
  },
};
