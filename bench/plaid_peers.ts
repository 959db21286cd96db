import { join } from "node:path";
import { openVectorScorer } from "../backends/vectors/scorer.ts";
import { openDataset } from "../datasets/open.ts";
import type { Embeddings } from "../encoders/embeddings/read.ts";
import type { Matrix } from "../encoders/encoder.ts";
import { loadEncoder } from "../encoders/load.ts";
import { describeTimes, median } from "../eval/latency/percentiles.ts";
import { loadTopics } from "../eval/topics.ts";
import { chooseKernel } from "../kernels/choose.ts";
import { writeAtomic, writeJson } from "../support/atomic_write.ts";
import { embeddingsOf, firstTenth } from "./embeddings.ts";
import { encodeQueries, QUERY_ROWS, writeInputs } from "./inputs.ts";
import { drawPareto } from "./pareto.ts";
import { latebench, nextPlaid, type PlaidJob, pythonEngine, type Searched } from "./plaid_engines.ts";
import type { BenchOptions } from "./python.ts";
import { qualityOf } from "./quality.ts";

const K = 100;
const PASSES = 3;

/** Settings from fast to thorough, as `facts` about each engine name them. */
const ENGINES = [
  latebench({ nbits: 1 }, ["int8,2,1024", "int8,4,4096"]),
  latebench({ nbits: 2 }, ["plaid", "int8,1,400", "int8,2,1024", "int8,4,4096", "warp"]),
  latebench({ nbits: 4 }, ["plaid", "int8,1,400", "int8,2,1024", "int8,4,2048", "int8,8,8192", "warp", "warp,128"]),
  latebench({ step: 5 }, ["plaid", "int8,2,1024", "int8,4,2048"]),
  latebench({ step: 3 }, ["plaid", "int8,2,1024", "int8,4,2048"]),
  latebench({ pq: 16 }, ["emvb", "int8,2,1024"]),
  latebench({ pq: 32 }, ["emvb", "int8,2,1024"]),
  latebench({ nbits: 8 }, ["plaid", "int8,1,400", "int8,2,1024", "int8,4,2048", "int8,8,8192"]),
  nextPlaid(4, [
    { name: "probe 1, full 256, t 0.4", probe: 1, full: 256, threshold: 0.4 },
    { name: "probe 2, full 1024, t 0.4", probe: 2, full: 1024, threshold: 0.4 },
    { name: "probe 4, full 4096, t 0.4", probe: 4, full: 4096, threshold: 0.4 },
    { name: "probe 16, full 8192", probe: 16, full: 8192, threshold: null },
  ]),
  pythonEngine("fast-plaid", 4, [
    { name: "probe 1, full 256", n_ivf_probe: 1, n_full_scores: 256 },
    { name: "probe 2, full 1024", n_ivf_probe: 2, n_full_scores: 1024 },
    { name: "probe 4, full 4096", n_ivf_probe: 4, n_full_scores: 4096 },
  ]),
  pythonEngine("xtr-warp", 4, [
    { name: "default" },
    { name: "nprobe 32", nprobe: 32 },
    { name: "nprobe 128", nprobe: 128 },
  ]),
];

/** One engine in one setting, over all rounds. */
export interface PlaidResult {
  readonly engine: string;
  readonly setting: string;
  /** Median of each query's passes, ms. */
  readonly ms: readonly number[];
  readonly overlap10: number;
  readonly overlap100: number;
  readonly measures: Readonly<Record<string, number>>;
}

/**
 * PLAID beside next-plaid, fast-plaid and xtr-warp-rs on the same vectors: quality, overlap with exhaustive search, times a query,
 * build, bytes. Engines take turns, in the opposite order in every other round. Writes a JSON file and a chart into the store's `bench/`.
 */
export async function benchPlaidPeers(
  { dataset, store, threads, rounds, quick, engines: wanted }: BenchOptions,
): Promise<void> {
  const engines = ENGINES.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
  await using encoder = await loadEncoder("builtin", { threads, store, quiet: false });
  const whole = await embeddingsOf(dataset, encoder, store);
  const embeddings = quick ? firstTenth(whole) : whole;
  const source = openDataset(dataset);
  const topics = source.topics.map((set) => loadTopics(source, set));
  const queries = await encodeQueries(encoder, topics);
  const folder = join(store, "bench", `plaid-${source.name}${quick ? "-quick" : ""}`);
  const { choice: kernel } = await chooseKernel("auto", store);
  const inputs = writeInputs(folder, embeddings, queries);
  const exact = await exactRankings(embeddings, queries, kernel, threads);
  const job: PlaidJob = { embeddings, inputs, queries, folder, kernel, threads, k: K, passes: PASSES };

  const times = new Map<string, number[][]>();
  const rankings = new Map<string, Searched["rankings"]>();
  for (let round = 0; round < rounds; round++) {
    for (const engine of round % 2 === 0 ? engines : engines.toReversed()) {
      console.error(`round ${round + 1}: ${engine.name}`);
      for (const { name, ms, rankings: found } of await engine.run(job)) {
        const key = `${engine.name}\t${name}`;
        const known = times.get(key) ?? queries.map(() => []);
        ms.forEach((passes, q) => known[q].push(...passes));
        times.set(key, known);
        rankings.set(key, found);
      }
    }
  }
  const results = [...times].map(([key, ms]): PlaidResult => {
    const [engine, setting] = key.split("\t");
    const found = rankings.get(key)!;
    return {
      engine,
      setting,
      ms: ms.map(median),
      overlap10: overlap(found, exact, 10),
      overlap100: overlap(found, exact, 100),
      measures: qualityOf(found, topics, embeddings.ids),
    };
  }).sort((a, b) =>
    ENGINES.findIndex(({ name }) => name === a.engine) - ENGINES.findIndex(({ name }) => name === b.engine)
  );

  const { passages, tokens } = embeddings.header;
  const title =
    `${source.name}, ${passages} passages, ${tokens} vectors, ${queries.length} queries of ${QUERY_ROWS} rows, ` +
    `k ${K}, ${threads} thread${threads > 1 ? "s" : ""}, ${kernel.name} kernel, median of ${rounds * PASSES} passes`;
  console.log(title);
  for (const { engine, setting, ms, overlap10, overlap100, measures } of results) {
    const percentiles = describeTimes(ms).percentiles.map(({ percent, ms }) => `p${percent} ${ms.toFixed(2)} ms`).join(
      ", ",
    );
    const quality = Object.entries(measures).map(([name, value]) => `${name} ${value.toFixed(4)}`).join(", ");
    console.log(
      `  ${engine.padEnd(20)} ${setting.padEnd(26)} ${percentiles.padEnd(32)} overlap@10 ${overlap10.toFixed(4)}, ` +
        `@100 ${overlap100.toFixed(4)}, ${quality}`,
    );
  }
  const builds = engines.map((engine) => {
    const { folder, seconds, threads } = engine.index(job);
    const bytes = folderBytes(folder);
    console.log(
      `  ${engine.name.padEnd(20)} built in ${seconds.toFixed(0)} s on ${threads} threads, ${
        (bytes / 1e6).toFixed(1)
      } MB, ` +
        `${(bytes / tokens).toFixed(1)} bytes a vector`,
    );
    return { engine: engine.name, seconds, threads, bytes };
  });
  writeJson(join(folder, `results-${threads}.json`), { title, results, builds });
  writeAtomic(join(folder, `pareto-${threads}.html`), drawPareto(title, results));
  console.error(`chart: ${join(folder, `pareto-${threads}.html`)}`);
}

async function exactRankings(
  embeddings: Embeddings,
  queries: readonly Matrix[],
  kernel: PlaidJob["kernel"],
  threads: number,
): Promise<number[][]> {
  await using scorer = await openVectorScorer(embeddings, { kernel, threads, memory: "auto" });
  const found = await Promise.all(queries.map((query) => scorer.search(query, K)));
  return found.map(({ numbers }) => [...numbers]);
}

function overlap(found: Searched["rankings"], exact: Searched["rankings"], depth: number): number {
  const shares = found.map((ranking, q) => {
    const wanted = new Set(exact[q].slice(0, depth));
    return ranking.slice(0, depth).filter((number) => wanted.has(number)).length / wanted.size;
  });
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

function folderBytes(folder: string): number {
  let bytes = 0;
  for (const entry of Deno.readDirSync(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) bytes += folderBytes(path);
    else if (entry.name !== "bench_build.json" && !entry.name.startsWith(".")) bytes += Deno.statSync(path).size;
  }
  return bytes;
}
