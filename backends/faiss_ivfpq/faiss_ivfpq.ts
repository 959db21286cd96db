import { countOption, MAX_DEPTH, MAX_PARTITIONS, seedOption } from "../bounds.ts";
import { join } from "node:path";
import { z } from "zod";
import type { Embeddings } from "../../encoders/embeddings/read.ts";
import { removeIfThere } from "../../support/atomic_write.ts";
import { readSealedJson, writeSealedJson } from "../../support/sealed_json.ts";
import type { Backend, BackendContext, Index, SearchResult } from "../backend.ts";
import { expectPassages, folderFootprint, readIndexFile, writeIndexFile } from "../index_file.ts";
import { readWhole } from "../check_content.ts";
import { passageNumbers } from "../passage_numbers.ts";
import { checkK, EMPTY_RESULT } from "../result.ts";
import { linkFolder } from "../vectors/link.ts";
import { compactVectors, openLivingVectors, updateVectors } from "../vectors/living_vectors.ts";
import { queryVectors, VECTORS_FOLDER } from "../vectors/open_vectors.ts";
import { verifyFiles } from "../vectors/verify.ts";
import { addBuiltin } from "./builtin/build.ts";
import { builtinEngine } from "./builtin/builtin.ts";
import { chooseEngine, ENGINES } from "./choose_engine.ts";
import { PRESETS, withPreset } from "./presets.ts";
import { readIvfpq } from "./faiss_file.ts";
import { openIvfpqSearcher } from "./searcher.ts";
import { checkSlice, sliceName, sliceOf, sliceShards } from "./slices.ts";
import { defaultSubquantisers, drawTrainingSample } from "./training_sample.ts";

const NAME = "faiss-ivfpq";
const VERSION = 2;
const HEADER = "ivfpq.json";

const options = z.object({
  preset: z.enum(PRESETS).default("v1"),
  engine: z.enum(ENGINES).default("auto"),
  partitions: z.union([z.literal("auto"), countOption(MAX_PARTITIONS)]).optional(),
  sample: z.coerce.number().gt(0).lte(1).optional(),
  m: z.union([z.literal("auto"), countOption(65_536)]).optional(),
  slices: countOption(10_000).default(1),
  seed: seedOption().default(1234),
  nprobe: countOption(MAX_DEPTH).optional(),
  faiss_depth: countOption(MAX_DEPTH).optional(),
  depth: z.coerce.number().int().min(-MAX_DEPTH).max(MAX_DEPTH).optional(),
});

/** What `sliceName` gives: names lead nowhere else when an index is compacted. */
const sliceFile = z.string().regex(/^ivfpq\.\d{1,12}(\.\d{1,12}-\d{1,12})?\.faiss$/, "is no name of a slice");

const header = z.strictObject({
  built_by: z.string(),
  slices: z.array(z.strictObject({
    name: sliceFile,
    partitions: countOption(MAX_PARTITIONS),
    bytes: z.int().min(0),
    sha256: z.string(),
  })).min(1),
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
    updatable: true,
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
    writeSealedJson(join(folder, HEADER), state);
    writeIndexFile(folder, { backend: NAME, version: VERSION, passages: embeddings.ids.length });
  },
  async update(folder, { added, removed }, _options, context) {
    const updated = await updateVectors(folder, await added?.embeddings(), removed, partWriter(folder, context));
    writeIndexFile(folder, { backend: NAME, version: VERSION, passages: updated.passages });
    return updated;
  },
  async compact(folder, _options, context) {
    const old = readState(folder).slices.map(({ name }) => name);
    const updated = await compactVectors(folder, partWriter(folder, context));
    const [{ name: left }] = readState(folder).slices;
    for (const name of old) if (name !== left) removeIfThere(join(folder, name));
    return updated;
  },
  async open(folder, options, context: BackendContext): Promise<Index> {
    const { engine, nprobe, faiss_depth, depth, ...settings } = withPreset(options);
    const { passages: said } = readIndexFile(folder, NAME, VERSION);
    const { embeddings, parts, ids, passages } = openLivingVectors(folder, context);
    expectPassages(folder, said, passages);
    const states = parts.map((part) => ({ folder: part.folder, ...readState(part.folder) }));
    const slices = states.flatMap(({ folder, slices }) =>
      slices.map((slice) => ({ ...slice, path: join(folder, slice.name) }))
    );
    const check = (path: string) => () => checkSlice(path, context.kernel);
    verifyFiles(slices.map(({ path, bytes, sha256 }) => ({ file: path, bytes, sha256, check: check(path) })), context);
    const chosen = await chooseEngine(engine, context);
    const paths = slices.map(({ path }) => path);
    const searcher = await openIvfpqSearcher(embeddings, paths, chosen, { nprobe, faiss_depth, ids }, context);
    const { rank, scorer } = searcher;
    const depthFor = (k: number) => depth > 0 ? Math.min(k, depth) : k;
    const numbersOf = passageNumbers(ids);
    return {
      passages,
      settings: {
        ...settings,
        engine: chosen.name,
        built_by: states[0].built_by,
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
        const found = Array.from(numbers.subarray(0, most), (number) => ids[number]!);
        return { ids: found, scores: scores.slice(0, most), stages };
      },
      async rerank(query, wanted) {
        const matrix = queryVectors(query);
        if (wanted.length === 0 || matrix.rows === 0) return EMPTY_RESULT;
        const { numbers, scores, stages } = await scorer.score(matrix, wanted);
        return { ids: Array.from(numbers, (number) => ids[number]!), scores, stages };
      },
      async trace(query, k, wanted) {
        const { candidates, ranked } = await rank(queryVectors(query));
        const found = new Set(candidates);
        const scores = ranked.scores.subarray(0, depthFor(k));
        const cut = scores.length > 0 ? scores[scores.length - 1] : null;
        return Array.from(numbersOf(wanted, "skip"), (number) => {
          const place = ranked.numbers.subarray(0, scores.length).indexOf(number);
          const first = { name: "faiss", kept: found.has(number), score: null, cut: null };
          const second = { name: "maxsim", kept: place >= 0, score: place >= 0 ? scores[place] : null, cut };
          return {
            id: ids[number]!,
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

function readState(folder: string): z.infer<typeof header> {
  return readSealedJson(join(folder, HEADER), header, "the slices of an IVFPQ index");
}

/** Encodes the vectors of a part with the quantisers of the last file of the index, whichever engine trained them. */
function partWriter(folder: string, context: BackendContext) {
  return async (part: string, embeddings: Embeddings): Promise<void> => {
    const { name, partitions, bytes } = readState(folder).slices.at(-1)!;
    const trained = join(folder, name);
    const own = `ivfpq.${partitions}.faiss`;
    const slice = await addBuiltin(
      embeddings,
      readIvfpq(trained, readWhole(trained, bytes)),
      join(part, own),
      context,
    );
    const state: z.infer<typeof header> = {
      built_by: builtinEngine.name,
      slices: [{ name: own, partitions, ...slice }],
    };
    writeSealedJson(join(part, HEADER), state);
  };
}
