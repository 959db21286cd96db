import { join } from "node:path";
import { z } from "zod";
import type { Embeddings } from "../../encoders/embeddings/read.ts";
import type { KernelChoice } from "../../kernels/kernel.ts";
import type { Backend, Index, SearchResult } from "../backend.ts";
import { checkK, EMPTY_RESULT } from "../result.ts";
import { expectPassages, folderFootprint, readIndexFile, writeIndexFile } from "../index_file.ts";
import { openGuide, writeGuide } from "../vectors/guide.ts";
import { linkFolder } from "../vectors/link.ts";
import { compactVectors, openLivingVectors, updateVectors } from "../vectors/living_vectors.ts";
import { queryVectors, VECTORS_FOLDER } from "../vectors/open_vectors.ts";
import type { Scored } from "../vectors/exact_search.ts";
import { openVectorScorer } from "../vectors/scorer.ts";

const NAME = "exhaustive";
const VERSION = 2;

const options = z.object({
  memory: z.enum(["auto", "map", "resident", "stream"]).default("auto"),
  guide: z.enum(["int8", "none"]).default("int8"),
});

/**
 * Exact MaxSim over every passage of the collection, from stored fp16 vectors (SIGIR'20, equation 3): the ranking that every other
 * late-interaction backend approximates. Work is split over worker threads by tokens.
 *
 * `memory=map` reads rows through a memory map (native kernel), `resident` keeps them in memory, `stream` reads them for each
 * search. With `guide=int8` all rows are scored in int8 first, and only passages that could still be among the best `k` from
 * fp16: the same ranking to the last digit, several times as fast, for half as much disk again.
 *
 * On disk: `vectors/`, the collection's embeddings (hard links, see `docs/formats.md`), and `guide.*`, its rows in int8.
 */
export const exhaustive: Backend<z.infer<typeof options>> = {
  name: NAME,
  version: VERSION,
  summary: "exact MaxSim over all passages, from fp16 vectors",
  capabilities: {
    endToEnd: true,
    input: "vectors",
    updatable: true,
    filterable: false,
    deterministic: true,
    concurrent: true,
  },
  options,
  buildOptions: ["guide"],
  async build(source, folder, { guide }, { kernel }) {
    const embeddings = await source.embeddings();
    linkFolder(embeddings.folder, join(folder, VECTORS_FOLDER));
    guideWriter(guide, kernel)(folder, embeddings);
    writeIndexFile(folder, { backend: NAME, version: VERSION, passages: embeddings.ids.length });
  },
  async update(folder, { added, removed }, { guide }, { kernel }) {
    const updated = await updateVectors(folder, await added?.embeddings(), removed, guideWriter(guide, kernel));
    writeIndexFile(folder, { backend: NAME, version: VERSION, passages: updated.passages });
    return updated;
  },
  compact: (folder, { guide }, { kernel }) => compactVectors(folder, guideWriter(guide, kernel)),
  async open(folder, { memory, guide }, context): Promise<Index> {
    const { passages } = readIndexFile(folder, NAME, VERSION);
    const { embeddings, parts: [first, ...later], ids, passages: found } = openLivingVectors(folder, context);
    expectPassages(folder, passages, found);
    const scorer = await openVectorScorer(embeddings, {
      ...context,
      memory,
      ids,
      ...guide === "int8" ? { guide: openGuide([first, ...later], context) } : {},
    });
    const idBytes = embeddings.ids.reduce((sum, id) => sum + id.length, 0);
    const answer = ({ numbers, scores, stages }: Scored): SearchResult => {
      return { ids: Array.from(numbers, (number) => ids[number]!), scores, stages };
    };
    return {
      passages,
      settings: { memory: scorer.access, guide: scorer.guided ? "int8" : "none" },
      async search(query, k) {
        checkK(k);
        const matrix = queryVectors(query);
        if (k === 0 || matrix.rows === 0) return EMPTY_RESULT;
        return answer(await scorer.search(matrix, k));
      },
      async rerank(query, ids) {
        const matrix = queryVectors(query);
        if (ids.length === 0 || matrix.rows === 0) return EMPTY_RESULT;
        return answer(await scorer.score(matrix, ids));
      },
      footprint: () => folderFootprint(folder, scorer.memoryBytes + idBytes),
      [Symbol.asyncDispose]: () => scorer[Symbol.asyncDispose](),
    };
  },
};

/** Writes the guide of a part of an index, where one is wanted. */
function guideWriter(guide: z.infer<typeof options>["guide"], kernel: KernelChoice) {
  return (folder: string, embeddings: Embeddings): void => {
    if (guide === "int8") writeGuide(folder, embeddings, kernel);
  };
}
