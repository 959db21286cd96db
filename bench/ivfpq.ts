import { join } from "node:path";
import { builtinEngine } from "../backends/faiss_ivfpq/builtin/builtin.ts";
import type { Engine, EngineContext, Prober, SliceSet } from "../backends/faiss_ivfpq/engine.ts";
import { faissEngine } from "../backends/faiss_ivfpq/faiss_node/engine.ts";
import { findFaiss, HOW_TO_GET_FAISS } from "../backends/faiss_ivfpq/faiss_node/found.ts";
import { readSlices } from "../backends/faiss_ivfpq/slices.ts";
import { drawTrainingSample } from "../backends/faiss_ivfpq/training_sample.ts";
import { openDataset } from "../datasets/open.ts";
import type { Matrix } from "../encoders/encoder.ts";
import { loadEncoder } from "../encoders/load.ts";
import { median } from "../eval/latency/percentiles.ts";
import { loadTopics } from "../eval/topics.ts";
import { chooseKernel } from "../kernels/choose.ts";
import { writeJson } from "../support/atomic_write.ts";
import { notAvailable } from "../support/errors.ts";
import { embeddingsOf } from "./embeddings.ts";
import { encodeQueries, QUERY_ROWS } from "./inputs.ts";
import type { BenchOptions } from "./python.ts";

/** The paper's partitions, rounded up to what FAISS's own measurements here used. */
const PARTITIONS = 2048;
const SETTINGS = { partitions: PARTITIONS, sample: 0.05, m: 16, seed: 1234, nprobe: 10 };
/** `[nprobe, faiss_depth]`: the paper's, and v1's README's. */
const SEARCHES = [[10, 1000], [32, 1024]] as const;

/** Times of one engine, ms a query in each round, and what it found in the last. */
interface Timed {
  readonly ms: number[];
  readonly found: Uint32Array[];
}

/**
 * FAISS through its binding beside the built-in engine: training and adding all vectors of a data set, then the candidate stage over
 * one and the same file (FAISS's), query by query, engines taking turns. Candidates are compared passage by passage.
 */
export async function benchIvfpq({ dataset, store, threads, rounds }: BenchOptions): Promise<void> {
  const setup = findFaiss(store);
  if ("problem" in setup) throw notAvailable(`bench ivfpq: ${setup.problem}; ${HOW_TO_GET_FAISS}`);
  await using encoder = await loadEncoder("builtin", { threads, store, quiet: false });
  const embeddings = await embeddingsOf(dataset, encoder, store);
  const source = openDataset(dataset);
  const queries = await encodeQueries(encoder, source.topics.map((set) => loadTopics(source, set)));
  const { choice: kernel } = await chooseKernel("auto", store);
  const context: EngineContext = { kernel, threads, quiet: false };
  const engines: Engine[] = [builtinEngine, faissEngine(setup)];
  const folder = join(store, "bench", `ivfpq-${source.name}`);
  Deno.mkdirSync(folder, { recursive: true });

  const { tokens, passages } = embeddings.header;
  const sample = drawTrainingSample(embeddings, SETTINGS);
  const title =
    `${source.name}, ${passages} passages, ${tokens} vectors, IVF${sample.partitions},PQ16, ${threads} threads, ` +
    `${kernel.name} kernel, ${queries.length} queries of ${QUERY_ROWS} rows`;
  console.log(title);
  const builds = [];
  for (const engine of engines) {
    const path = join(folder, `${engine === builtinEngine ? "builtin" : "faiss"}.faiss`);
    const started = performance.now();
    await engine.build(embeddings, sample, SETTINGS, path, context);
    const seconds = (performance.now() - started) / 1000;
    console.log(`  train and add  ${engine.name.padEnd(40)} ${seconds.toFixed(1)} s`);
    builds.push({ engine: engine.name, seconds });
  }
  const set = readSlices([join(folder, "faiss.faiss")], embeddings.lengths, kernel);
  const searches = [];
  for (const [nprobe, depth] of SEARCHES) {
    const timed = await timeCandidates(engines, set, queries, nprobe, depth, rounds, context);
    const same = agreement(timed.map(({ found }) => found));
    timed.forEach(({ ms }, e) => {
      const engine = engines[e].name;
      console.log(
        `  candidates     ${engine.padEnd(40)} nprobe ${nprobe}, depth ${depth}: p50 ${median(ms).toFixed(2)} ms`,
      );
      searches.push({ engine, nprobe, depth, p50_ms: median(ms) });
    });
    console.log(`                 the same passages: ${(100 * same).toFixed(4)} %`);
    searches.push({ nprobe, depth, same_passages: same });
  }
  writeJson(join(folder, `results-${threads}.json`), { title, rounds, builds, searches });
}

async function timeCandidates(
  engines: readonly Engine[],
  set: SliceSet,
  queries: readonly Matrix[],
  nprobe: number,
  depth: number,
  rounds: number,
  context: EngineContext,
): Promise<Timed[]> {
  const open: Prober[] = [];
  for (const engine of engines) open.push(await engine.open(set, nprobe, context));
  const times = engines.map(() => queries.map(() => [] as number[]));
  const found = engines.map((): Uint32Array[] => []);
  for (let round = -1; round < rounds; round++) { // the first warms up
    for (const e of round % 2 === 0 ? [0, 1] : [1, 0]) {
      for (const [q, query] of queries.entries()) {
        const started = performance.now();
        const { passages } = await open[e].candidates(query, depth);
        if (round >= 0) times[e][q].push(performance.now() - started);
        found[e][q] = passages;
      }
    }
  }
  for (const prober of open) prober[Symbol.dispose]();
  return engines.map((_, e) => ({ ms: times[e].map(median), found: found[e] }));
}

/** The share of passages found by either engine that both found. */
function agreement([one, other]: readonly Uint32Array[][]): number {
  let both = 0;
  let either = 0;
  one.forEach((words, q) =>
    words.forEach((word, i) => {
      both += bitCount(word & other[q][i]);
      either += bitCount(word | other[q][i]);
    })
  );
  return both / either;
}

function bitCount(word: number): number {
  let count = 0;
  for (let rest = word >>> 0; rest !== 0; rest = (rest & (rest - 1)) >>> 0) count++;
  return count;
}
