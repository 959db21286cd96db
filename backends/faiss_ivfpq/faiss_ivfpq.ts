import { join } from "node:path";
import { z } from "zod";
import { writeJson } from "../../support/atomic_write.ts";
import { readJson } from "../../support/json.ts";
import type { Backend, BackendContext, Index, SearchResult } from "../backend.ts";
import { folderFootprint, readIndexFile, writeIndexFile } from "../index_file.ts";
import { passageNumbers } from "../passage_numbers.ts";
import { checkK, EMPTY_RESULT } from "../result.ts";
import { linkFolder } from "../vectors/link.ts";
import { openVectors, queryVectors, VECTORS_FOLDER } from "../vectors/open_vectors.ts";
import { verifyFiles } from "../vectors/verify.ts";
import { chooseEngine, ENGINES } from "./choose_engine.ts";
import { PRESETS, withPreset } from "./presets.ts";
import { openIvfpqSearcher } from "./searcher.ts";
import { sliceName, sliceOf, sliceShards } from "./slices.ts";
import { defaultSubquantisers, drawTrainingSample } from "./training_sample.ts";

const NAME = "faiss-ivfpq";
const VERSION = 2;
const HEADER = "ivfpq.json";

const whole = z.coerce.number().int().positive();

const options = z.object({
  preset: z.enum(PRESETS).default("v1"),
  engine: z.enum(ENGINES).default("auto"),
  partitions: z.union([z.literal("auto"), whole]).optional(),
  sample: z.coerce.number().gt(0).lte(1).optional(),
  m: z.union([z.literal("auto"), whole]).optional(),
  slices: whole.default(1),
  seed: z.coerce.number().int().default(1234),
  nprobe: whole.optional(),
  faiss_depth: whole.optional(),
  depth: z.coerce.number().int().optional(),
});

const header = z.strictObject({
  built_by: z.string(),
  slices: z.array(z.strictObject({ name: z.string(), partitions: z.int(), bytes: z.int(), sha256: z.string() })),
});

/**
 * End-to-end retrieval as ColBERT v1 does it (SIGIR'20 §3.6, `colbert/ranking/retrieval.py`): the nearest vectors of each query row by
 * an `IndexIVFPQ` over all vectors, then exact MaxSim of every passage that one of them belongs to.
 *
 * `engine` says what builds and searches the index: `faiss` (through `faiss-node`), `builtin` (latebench's own, over the same file),
 * or `auto`, FAISS where it can be had. Results name the one that ran.
 *
 * `preset` gives the defaults of the options below, see {@link PRESETS}. `partitions` (`auto`: v1's 2^⌈log2(8 √vectors)⌉), `sample`
 * (share of the vectors that train), `m` sub-quantisers of 8 bits (`auto`: 16, or the most below that divide the dimensions) and `slices`
 * (files) say how it is built; `nprobe` lists are searched for each query row, `faiss_depth` vectors kept of each, and at the most `depth`
 * passages ranked (0 and less: all).
 *
 * On disk: `ivfpq.{partitions}.faiss` (or one file a slice), and `vectors/`, the collection's embeddings (hard links).
 */
export const faissIvfpq: Backend<z.infer<typeof options>> = {
  name: NAME,
  version: VERSION,
  summary: "candidates from product-quantised vectors (FAISS's IVFPQ), exact MaxSim over them: ColBERT v1",
  capabilities: {
    endToEnd: true,
    input: "vectors",
    updatable: false,
    filterable: false,
    deterministic: true,
    concurrent: true,
  },
  options,
  buildOptions: ["preset", "engine", "partitions", "sample", "m", "slices", "seed"],
  async setUp({ engine }, context) {
    await chooseEngine(engine, context);
  },
  async build(source, folder, options, context) {
    const { engine, slices, m, ...rest } = withPreset(options);
    const embeddings = await source.embeddings();
    const settings = { ...rest, m: m === "auto" ? defaultSubquantisers(embeddings.header.dim) : m };
    linkFolder(embeddings.folder, join(folder, VECTORS_FOLDER));
    const chosen = await chooseEngine(engine, context);
    const parts = sliceShards(embeddings, slices);
    const written: z.infer<typeof header>["slices"] = [];
    for (const part of parts) {
      const own = sliceOf(embeddings, part);
      const sample = drawTrainingSample(own, settings);
      const name = sliceName(sample.partitions, part, parts.length === 1);
      const slice = await chosen.build(own, sample, settings, join(folder, name), context);
      written.push({ name, partitions: sample.partitions, ...slice });
    }
    const state: z.infer<typeof header> = { built_by: chosen.name, slices: written };
    writeJson(join(folder, HEADER), state);
    writeIndexFile(folder, { backend: NAME, version: VERSION, passages: embeddings.ids.length });
  },
  async open(folder, options, context: BackendContext): Promise<Index> {
    const { engine, nprobe, faiss_depth, depth, ...settings } = withPreset(options);
    const { passages } = readIndexFile(folder, NAME, VERSION);
    const { built_by, slices } = readJson(join(folder, HEADER), header, "the slices of an IVFPQ index");
    verifyFiles(
      join(folder, ".faiss.verified.json"),
      slices.map(({ name, bytes, sha256 }) => ({ file: join(folder, name), bytes, sha256 })),
    );
    const embeddings = openVectors(folder, context);
    const chosen = await chooseEngine(engine, context);
    const paths = slices.map(({ name }) => join(folder, name));
    const searcher = await openIvfpqSearcher(embeddings, paths, chosen, { nprobe, faiss_depth }, context);
    const { rank, scorer } = searcher;
    const depthFor = (k: number) => depth > 0 ? Math.min(k, depth) : k;
    const numbersOf = passageNumbers(embeddings.ids);
    return {
      passages,
      settings: {
        ...settings,
        engine: chosen.name,
        built_by,
        m: searcher.m,
        partitions: slices.map(({ partitions }) => partitions),
        nprobe,
        faiss_depth,
        depth,
      },
      async search(query, k): Promise<SearchResult> {
        checkK(k);
        const matrix = queryVectors(query);
        if (k === 0 || matrix.rows === 0) return EMPTY_RESULT;
        const { ranked: { numbers, scores }, stages } = await rank(matrix);
        const most = depthFor(k);
        const ids = Array.from(numbers.subarray(0, most), (number) => embeddings.ids[number]);
        return { ids, scores: scores.slice(0, most), stages };
      },
      async rerank(query, ids) {
        const matrix = queryVectors(query);
        if (ids.length === 0 || matrix.rows === 0) return EMPTY_RESULT;
        const { numbers, scores, stages } = await scorer.score(matrix, ids);
        return { ids: Array.from(numbers, (number) => embeddings.ids[number]), scores, stages };
      },
      async trace(query, k, ids) {
        const { candidates, ranked } = await rank(queryVectors(query));
        const found = new Set(candidates);
        const scores = ranked.scores.subarray(0, depthFor(k));
        const cut = scores.length > 0 ? scores[scores.length - 1] : null;
        return Array.from(numbersOf(ids, "skip"), (number) => {
          const place = ranked.numbers.subarray(0, scores.length).indexOf(number);
          const first = { name: "faiss", kept: found.has(number), score: null, cut: null };
          const second = { name: "maxsim", kept: place >= 0, score: place >= 0 ? scores[place] : null, cut };
          return {
            id: embeddings.ids[number],
            rank: place < 0 ? null : place + 1,
            stages: first.kept ? [first, second] : [first],
          };
        });
      },
      footprint: () => folderFootprint(folder, searcher.memoryBytes),
      async [Symbol.asyncDispose]() {
        await searcher[Symbol.asyncDispose]();
      },
    };
  },
};
