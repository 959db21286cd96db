import { countOption, MAX_DEPTH } from "../bounds.ts";
import { join } from "node:path";
import { z } from "zod";
import { NO_MACS } from "../../encoders/flops/macs.ts";
import { topK } from "../../kernels/top_k.ts";
import { readJson } from "../../support/json.ts";
import type { Backend, BackendQuery, Index, SearchResult } from "../backend.ts";
import { innerSpec } from "../inner_spec.ts";
import { checkIds } from "../check_content.ts";
import { expectPassages, folderFootprint, readIndexFile, writeIndexFile } from "../index_file.ts";
import { noteFiles, verifyNoted, writeHashed } from "../noted_files.ts";
import { passageNumbers } from "../passage_numbers.ts";
import { checkK, EMPTY_RESULT } from "../result.ts";
import { traceStages } from "../stages.ts";
import { linkFolder } from "../vectors/link.ts";
import { fuse, METHODS } from "./fuse.ts";

const NAME = "fusion";
const VERSION = 1;
const IDS = "ids.json";

const options = z.object({
  first: innerSpec("bm25"),
  second: innerSpec("plaid"),
  method: z.enum(METHODS).default("rrf"),
  weight: z.coerce.number().min(0).max(1).default(0.5),
  rank_constant: z.coerce.number().min(0).max(1e9).default(60),
  depth: countOption(MAX_DEPTH).default(1000),
});

/** The two systems, by the folder of their index. */
const PARTS = ["first", "second"] as const;

/**
 * Hybrid search: two systems search, and their rankings become one. `first` and `second` are backends (in brackets where they have
 * several options: `second=[plaid:nbits=4,variant=int8]`); `method` is `rrf` (reciprocal rank fusion, with its `rank_constant`) or
 * `relative` (scores stretched to 0 … 1); `weight` is the second system's, the first has the rest; `depth` is how many passages each
 * finds. Re-ranking fuses the rankings of just the given passages: scores then differ from a search's, since ranks do.
 *
 * On disk: `first/` and `second/`, the systems' indexes; `ids.json`, the passages' order, for ties.
 */
export const fusion: Backend<z.infer<typeof options>> = {
  name: NAME,
  version: VERSION,
  summary: "two systems' rankings as one: reciprocal ranks, or relative scores",
  capabilities: {
    endToEnd: true,
    input: "vectors",
    updatable: false,
    filterable: false,
    deterministic: true,
    concurrent: true,
  },
  options,
  buildOptions: [...PARTS],
  async build(source, folder, settings) {
    for (const part of PARTS) linkFolder(await source.index(settings[part]), join(folder, part));
    const ids = Array.from(source.dataset.passages(), ({ id }) => id);
    const text = new TextEncoder().encode(JSON.stringify(ids));
    noteFiles(folder, { [IDS]: writeHashed(folder, IDS, [text]) });
    writeIndexFile(folder, { backend: NAME, version: VERSION, passages: ids.length });
  },
  async open(folder, settings, context): Promise<Index> {
    const { passages } = readIndexFile(folder, NAME, VERSION);
    const { method, weight, rank_constant: rankConstant, depth } = settings;
    const ids = readJson(join(folder, IDS), z.array(z.string()), "passage ids");
    verifyNoted(folder, { [IDS]: () => checkIds(join(folder, IDS), ids) }, context);
    expectPassages(folder, passages, ids.length);
    const numbersOf = passageNumbers(ids);
    const first = await context.open(settings.first, join(folder, "first"), context);
    const second = await context.open(settings.second, join(folder, "second"), context);
    const rank = async (ask: (index: Index) => Promise<SearchResult>, k: number): Promise<SearchResult> => {
      const found = [await ask(first), await ask(second)]; // one after the other: each stage's time is its own
      const trace = traceStages(context.tracing);
      const weights = [1 - weight, weight];
      const fused = fuse(found.map((ranking, i) => ({ ranking, weight: weights[i] })), { method, rankConstant });
      const best = topK(Float32Array.from(fused.values()), k, numbersOf(fused.keys()));
      trace.end("fusion", NO_MACS, 0, fused.size);
      return {
        ids: Array.from(best.numbers, (number) => ids[number]),
        scores: best.scores,
        stages: [...found.flatMap(({ stages }) => stages), ...trace.stages],
        ...found.some(({ widened }) => widened)
          ? { widened: Object.assign({}, ...found.map(({ widened }) => widened)) }
          : {},
      };
    };
    const isEmpty = ({ matrix }: BackendQuery) => matrix?.rows === 0;
    return {
      passages,
      settings,
      async search(query, k) {
        checkK(k);
        return k === 0 || isEmpty(query) ? EMPTY_RESULT : await rank((index) => index.search(query, depth), k);
      },
      async rerank(query, wanted) {
        numbersOf(wanted);
        if (wanted.length === 0 || isEmpty(query)) return EMPTY_RESULT;
        return await rank((index) => index.rerank(query, wanted), wanted.length);
      },
      footprint() {
        const inner = [first, second].reduce((sum, index) => sum + index.footprint().memoryBytes, 0);
        return folderFootprint(folder, inner + ids.reduce((sum, id) => sum + 2 * id.length, 0));
      },
      async [Symbol.asyncDispose]() {
        await first[Symbol.asyncDispose]();
        await second[Symbol.asyncDispose]();
      },
    };
  },
};
