import { z } from "zod";
import { passageText } from "../../datasets/dataset.ts";
import type { Backend, Index, SearchResult } from "../backend.ts";
import { expectPassages, folderFootprint, readIndexFile, writeIndexFile } from "../index_file.ts";
import { passageNumbers } from "../passage_numbers.ts";
import { checkK, EMPTY_RESULT } from "../result.ts";
import { traceStages } from "../stages.ts";
import { analyze } from "./analyzer.ts";
import { readInvertedIndex, writeInvertedIndex } from "./inverted_index.ts";
import { type Bm25Result, bm25Searcher } from "./searcher.ts";

const NAME = "bm25";
const VERSION = 1;

/** One multiply–add for the saturation of a posting, and one division and one addition, counted as another. */
const MACS_PER_POSTING = 2;

const options = z.object({
  k1: z.coerce.number().positive().max(1e6).optional(),
  b: z.coerce.number().min(0).max(1).optional(),
});

/**
 * BM25 over an inverted index, with Lucene's formula and Anserini's analysis (`searcher.ts`, `analyzer.ts`). Unless given, `k1`
 * and `b` are those of the data set: 0.82 and 0.68 for MS MARCO passages, 0.9 and 0.4 for TREC CAR and others (Anserini).
 *
 * On disk: see `inverted_index.ts`. Both parameters can be changed from search to search.
 */
export const bm25: Backend<z.infer<typeof options>> = {
  name: NAME,
  version: VERSION,
  summary: "BM25 over an inverted index (Lucene's formula, Anserini's analysis)",
  capabilities: {
    endToEnd: true,
    input: "text",
    updatable: false,
    filterable: false,
    deterministic: true,
    concurrent: true,
  },
  options,
  buildOptions: [],
  build({ dataset }, folder) {
    const { passages } = writeInvertedIndex(folder, analysed(dataset.passages()));
    writeIndexFile(folder, { backend: NAME, version: VERSION, passages, bm25: dataset.bm25 });
    return Promise.resolve();
  },
  open(folder, { k1, b }, context): Promise<Index> {
    const { passages, bm25: defaults } = readIndexFile(folder, NAME, VERSION);
    const index = readInvertedIndex(folder, context);
    expectPassages(folder, passages, index.ids.length);
    const settings = { k1: k1 ?? defaults?.k1 ?? 0.9, b: b ?? defaults?.b ?? 0.4 };
    const searcher = bm25Searcher(index, settings);
    const numbersOf = passageNumbers(index.ids);
    const answer = (search: () => Bm25Result): SearchResult => {
      const trace = traceStages(context.tracing);
      const { numbers, scores, postings, bytes } = search();
      const ids = Array.from(numbers, (number) => index.ids[number]);
      trace.end("bm25", { float: postings * MACS_PER_POSTING, integer: 0 }, bytes, numbers.length);
      return { ids, scores, stages: trace.stages };
    };
    const idBytes = index.ids.reduce((sum, id) => sum + id.length, 0);
    const memory = index.postings.length + index.norms.length * 13 + idBytes;
    return Promise.resolve({
      passages,
      settings,
      search({ text }, k) {
        checkK(k);
        if (k === 0) return Promise.resolve(EMPTY_RESULT);
        return Promise.resolve(answer(() => searcher.search(text, k)));
      },
      rerank({ text }, ids) {
        const numbers = numbersOf(ids);
        return Promise.resolve(
          analyze(text).length === 0 ? EMPTY_RESULT : answer(() => searcher.score(text, numbers)),
        );
      },
      footprint: () => folderFootprint(folder, memory),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  },
};

function* analysed(passages: Iterable<Parameters<typeof passageText>[0] & { id: string }>) {
  for (const passage of passages) yield { id: passage.id, terms: analyze(passageText(passage)) };
}
