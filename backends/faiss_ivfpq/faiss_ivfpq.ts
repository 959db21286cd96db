import { join } from "node:path";
import { z } from "zod";
import type { Matrix } from "../../encoders/encoder.ts";
import { badInput } from "../../support/errors.ts";
import { openWorkerPool } from "../../support/worker_pool.ts";
import { writeJson } from "../../support/atomic_write.ts";
import { readJson } from "../../support/json.ts";
import type { Backend, BackendContext, Index, SearchResult, Stage } from "../backend.ts";
import { folderFootprint, readIndexFile, writeIndexFile } from "../index_file.ts";
import { numbersOfBits } from "../passage_bits.ts";
import { passageNumbers } from "../passage_numbers.ts";
import { checkK, EMPTY_RESULT } from "../result.ts";
import { linkFolder } from "../vectors/link.ts";
import { openVectors, queryVectors, VECTORS_FOLDER } from "../vectors/open_vectors.ts";
import { openVectorScorer } from "../vectors/scorer.ts";
import { verifyFiles } from "../vectors/verify.ts";
import { buildIvfpq } from "./build.ts";
import { writeIvfpq } from "./faiss_file.ts";
import type { Probed } from "./probe.ts";
import type { ProbeTask } from "./probe_worker.ts";
import { openSlices, sliceName, sliceOf, sliceShards } from "./slices.ts";
import { KSUB } from "./train.ts";

const NAME = "faiss-ivfpq";
const VERSION = 1;
const HEADER = "ivfpq.json";

const whole = z.coerce.number().int().positive();

const options = z.object({
  partitions: z.union([z.literal("auto"), whole]).default("auto"),
  sample: z.coerce.number().gt(0).lte(1).default(0.05),
  m: whole.default(16),
  slices: whole.default(1),
  seed: z.coerce.number().int().default(1234),
  nprobe: whole.default(10),
  faiss_depth: whole.default(1024),
  depth: z.coerce.number().int().default(1000),
});

const header = z.strictObject({
  slices: z.array(z.strictObject({ name: z.string(), partitions: z.int(), bytes: z.int(), sha256: z.string() })),
});

/**
 * End-to-end retrieval as ColBERT v1 does it (SIGIR'20 §3.6, `colbert/ranking/retrieval.py`): the nearest vectors of each query row by
 * an `IndexIVFPQ` over all vectors, then exact MaxSim of every passage that one of them belongs to. The index is built and searched
 * here, and is FAISS's own file.
 *
 * `partitions` (`auto`: v1's 2^⌈log2(8 √vectors)⌉), `sample` (share of the vectors that train), `m` sub-quantisers of 8 bits and
 * `slices` (files) say how it is built; `nprobe` lists are searched for each query row, `faiss_depth` vectors kept of each, and at the
 * most `depth` passages ranked (0 and less: all).
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
  buildOptions: ["partitions", "sample", "m", "slices", "seed"],
  async build(source, folder, { nprobe, slices, ...settings }, context) {
    const embeddings = await source.embeddings();
    linkFolder(embeddings.folder, join(folder, VECTORS_FOLDER));
    const { dim } = embeddings.header;
    const parts = sliceShards(embeddings, slices);
    const written: z.infer<typeof header>["slices"] = [];
    let first = 0;
    for (const part of parts) {
      const own = sliceOf(embeddings, part);
      const { centroids, codebooks, names, codes } = await buildIvfpq(own, settings, context);
      const partitions = centroids.length / dim;
      const name = sliceName(partitions, part, parts.length === 1);
      const index = { dim, nprobe, centroids, m: settings.m, ksub: KSUB, codebooks };
      written.push({ name, partitions, ...writeIvfpq(join(folder, name), index, { names, codes }, first) });
      first += own.header.tokens;
    }
    const state: z.infer<typeof header> = { slices: written };
    writeJson(join(folder, HEADER), state);
    writeIndexFile(folder, { backend: NAME, version: VERSION, passages: embeddings.ids.length });
  },
  async open(folder, { nprobe, faiss_depth, depth, ...settings }, context: BackendContext): Promise<Index> {
    const { passages } = readIndexFile(folder, NAME, VERSION);
    const { slices } = readJson(join(folder, HEADER), header, "the slices of an IVFPQ index");
    verifyFiles(
      join(folder, ".faiss.verified.json"),
      slices.map(({ name, bytes, sha256 }) => ({ file: join(folder, name), bytes, sha256 })),
    );
    const embeddings = openVectors(folder, context);
    const { setups, residentBytes } = openSlices(
      folder,
      slices.map(({ name }) => name),
      embeddings.lengths,
      context.kernel,
    );
    const { dim, tokens } = embeddings.header;
    const stored = setups.reduce((sum, { index }) => sum + index.total, 0);
    if (stored !== tokens || setups.some(({ index }) => index.dim !== dim)) {
      throw badInput(folder, `${stored} vectors in its lists`, `${tokens} of ${dim} dimensions`);
    }
    const scorer = await openVectorScorer(embeddings, { ...context, memory: "auto" });
    const url = new URL("./probe_worker.ts", import.meta.url);
    const pool = await openWorkerPool<ProbeTask, readonly Probed[]>(url, context.threads, { open: setups });
    const candidates = async (query: Matrix): Promise<{ numbers: Int32Array<ArrayBuffer>; stage: Stage }> => {
      const started = performance.now();
      const parts = splitRows(query, context.threads);
      const found = (await Promise.all(parts.map((part) => pool.run({ probe: part, nprobe, depth: faiss_depth }))))
        .flat();
      const bits = new Uint32Array(Math.ceil(passages / 32));
      for (const { passages } of found) for (let word = 0; word < bits.length; word++) bits[word] |= passages[word];
      const numbers = numbersOfBits(bits);
      const codes = found.reduce((sum, { codes }) => sum + codes, 0);
      const lists = setups.reduce((sum, { index }) => sum + index.sizes.length, 0);
      const tables = query.rows * Math.min(nprobe, lists) * setups.length * KSUB * dim;
      const ms = performance.now() - started;
      const macs = query.rows * lists * dim + tables;
      return { numbers, stage: { name: "faiss", ms, macs, bytes: codes * settings.m, candidates: numbers.length } };
    };
    const idBytes = embeddings.ids.reduce((sum, id) => sum + id.length, 0);
    const quantisers = setups.reduce((sum, { index, coarse }) => {
      return sum + index.centroids.byteLength + index.codebooks.byteLength + coarse.byteLength;
    }, 0);
    /** The candidates of a query, and all of them ranked. */
    const rank = async (query: Matrix) => {
      const { numbers, stage } = await candidates(query);
      const { stages, ...ranked } = await scorer.score(query, numbers);
      return { candidates: numbers, ranked, stages: [stage, ...stages] };
    };
    const depthFor = (k: number) => depth > 0 ? Math.min(k, depth) : k;
    const numbersOf = passageNumbers(embeddings.ids);
    return {
      passages,
      settings: {
        ...settings,
        engine: "builtin",
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
      footprint: () => folderFootprint(folder, scorer.memoryBytes + residentBytes + quantisers + 4 * tokens + idBytes),
      async [Symbol.asyncDispose]() {
        pool.close();
        await scorer[Symbol.asyncDispose]();
      },
    };
  },
};

/** Rows of a query in about equal parts, one for each thread. */
function splitRows({ data, rows, dim }: Matrix, threads: number): Matrix[] {
  const each = Math.ceil(rows / threads);
  return Array.from({ length: Math.ceil(rows / each) }, (_, part) => {
    const own = data.slice(part * each * dim, (part + 1) * each * dim);
    return { data: own, rows: own.length / dim, dim };
  });
}
