import { join } from "node:path";
import { exportPlaid } from "../backends/plaid/foreign/export_index.ts";
import { importPlaid } from "../backends/plaid/foreign/import_index.ts";
import type { ForeignFormat } from "../backends/plaid/foreign/foreign_index.ts";
import { openForeign } from "../backends/plaid/foreign/open.ts";
import { buildPlaidIndex } from "../backends/plaid/build/build_index.ts";
import { openPlaidIndex } from "../backends/plaid/index/open_index.ts";
import { allPassages } from "../backends/plaid/search/filter.ts";
import { planSearch, type Variant } from "../backends/plaid/search/plan.ts";
import { openSearcher } from "../backends/plaid/search/searcher.ts";
import { openDataset } from "../datasets/open.ts";
import { loadEncoder } from "../encoders/load.ts";
import { loadTopics } from "../eval/topics.ts";
import { chooseKernel } from "../kernels/choose.ts";
import { K_MEANS_DEFAULTS } from "../kernels/k_means/train.ts";
import { renewOwnedFolder } from "../support/atomic_folder.ts";
import { BENCH_FOLDER } from "./folders.ts";
import { embeddingsOf, firstTenth } from "./embeddings.ts";
import { encodeQueries, writeInputs } from "./inputs.ts";
import {
  nextPlaid,
  type PlaidEngineRun,
  type PlaidJob,
  pythonEngine,
  type Searched,
  stanford,
  writeBuilt,
} from "./plaid_engines.ts";
import type { BenchOptions } from "./python.ts";

const K = 100;
const NBITS = 4;

/** A setting of a search, for the engine and for latebench. */
interface Setting {
  readonly probe: number;
  readonly full: number;
  readonly threshold: number;
}

const SETTINGS: readonly Setting[] = [
  { probe: 2, full: 1024, threshold: 0.45 },
  { probe: 8, full: 4096, threshold: 0.4 },
];

const ENGINES: readonly {
  readonly variant: Variant;
  readonly format: ForeignFormat;
  readonly run: PlaidEngineRun;
  /** Whether it builds indexes of given vectors. */
  readonly builds: boolean;
}[] = [
  {
    variant: "plaid",
    format: "stanford",
    builds: false,
    run: stanford(
      NBITS,
      SETTINGS.map(({ probe, full, threshold }) => {
        return { name: `probe ${probe}`, ncells: probe, ndocs: full, centroid_score_threshold: threshold };
      }),
    ),
  },
  {
    variant: "fast-plaid",
    format: "fast-plaid",
    builds: true,
    run: pythonEngine(
      "fast-plaid",
      NBITS,
      SETTINGS.map(({ probe, full }) => ({ name: `probe ${probe}`, n_ivf_probe: probe, n_full_scores: full })),
    ),
  },
  {
    variant: "next-plaid",
    format: "next-plaid",
    builds: true,
    run: nextPlaid(NBITS, SETTINGS.map((setting) => ({ name: `probe ${setting.probe}`, ...setting }))),
  },
];

/**
 * One index, two engines: an index that fast-plaid or next-plaid has built is searched by it and, converted, by latebench; one that latebench
 * has built is searched by latebench and, converted, by the other engine. How often rankings are the same, and what they share.
 */
export async function benchForeign({ dataset, store, threads, quick }: BenchOptions): Promise<void> {
  await using encoder = await loadEncoder("builtin", { threads, store, quiet: false });
  const whole = await embeddingsOf(dataset, encoder, store);
  const embeddings = quick ? firstTenth(whole) : whole;
  const source = openDataset(dataset);
  const topics = source.topics.map((set) => loadTopics(source, set));
  const queries = await encodeQueries(encoder, topics);
  const folder = join(store, "bench", `foreign-${source.name}${quick ? "-quick" : ""}`);
  const { choice: kernel } = await chooseKernel("auto", store);
  const inputs = writeInputs(folder, embeddings, queries);
  const { passages, tokens } = embeddings.header;
  console.log(
    `${source.name}, ${passages} passages, ${tokens} vectors, ${NBITS} bits, ${queries.length} queries, k ${K}:`,
  );
  const own = join(folder, "latebench");
  const { iterations: kmeans_niters, nearby, seed } = K_MEANS_DEFAULTS;
  renewOwnedFolder(own, BENCH_FOLDER);
  const settings = { nbits: NBITS, partitions: "auto", points_per_centroid: 256, kmeans_niters, nearby, seed } as const;
  await buildPlaidIndex(embeddings, own, settings, { kernel, threads, quiet: true });
  for (const { variant, format, run, builds } of ENGINES) {
    const job = (name: string): PlaidJob => {
      return { embeddings, inputs, queries, folder: join(folder, name), kernel, threads, k: K, passes: 1 };
    };
    if (builds) {
      const theirs = job("theirs");
      const found = await run.run(theirs);
      const converted = join(folder, `${format}-converted`);
      renewOwnedFolder(converted, BENCH_FOLDER);
      const origin = await openForeign(run.index(theirs).folder);
      importPlaid(origin, converted, { encoder: { name: "builtin", hash: encoder.hash } });
      await compare(`${run.name}, its own index`, found, converted, variant, theirs);
    }
    const ours = job("ours");
    const target = join(ours.folder, `${format}-${NBITS}`);
    renewOwnedFolder(target, BENCH_FOLDER);
    exportPlaid(own, target, format);
    writeBuilt(target, 0, threads);
    await compare(`${run.name}, latebench's index`, await run.run(ours), own, variant, ours);
  }
}

async function compare(
  name: string,
  found: readonly Searched[],
  folder: string,
  variant: Variant,
  { kernel, threads, queries }: PlaidJob,
): Promise<void> {
  const { setup } = openPlaidIndex(folder, { kernel, int8: false });
  using searcher = openSearcher(setup, threads);
  for (const [i, { probe: ncells, full: ndocs, threshold: centroid_score_threshold }] of SETTINGS.entries()) {
    const plan = planSearch({ variant, ncells, ndocs, centroid_score_threshold }, K);
    const counts = { all: 0, ten: 0, shared: 0, fewer: 0 };
    let gap = 0;
    for (const [q, query] of queries.entries()) {
      const { numbers, scores } = await searcher.search(query, K, plan, allPassages(setup));
      const own = [...numbers];
      const theirs = found[i].rankings[q];
      if (theirs.length < K) { // latebench then looks into more cells
        counts.fewer++;
        continue;
      }
      const exact = await searcher.score(query, Int32Array.from(theirs), plan);
      const scoreOf = new Map(Array.from(exact.numbers, (number, j) => [number, exact.scores[j]]));
      own.forEach((number, j) => {
        if (number === theirs[j]) return;
        gap = Math.max(gap, Math.abs(scores[j] - scoreOf.get(theirs[j])!) / scores[j]);
      });
      const same = (depth: number) => JSON.stringify(own.slice(0, depth)) === JSON.stringify(theirs.slice(0, depth));
      counts.all += same(K) ? 1 : 0;
      counts.ten += same(10) ? 1 : 0;
      const known = new Set(theirs);
      counts.shared += own.filter((number) => known.has(number)).length / own.length;
    }
    const compared = queries.length - counts.fewer;
    const share = (counts.shared / compared).toFixed(4);
    const fewer = counts.fewer === 0 ? "" : ` (in ${counts.fewer} others it found fewer than ${K})`;
    console.log(
      `  ${name}, probe ${ncells}, full ${ndocs}: the same top 10 in ${counts.ten} of ${compared} queries${fewer}, ` +
        `top ${K} in ${counts.all}, overlap ${share}; where they differ, scores do by ${
          (100 * gap).toFixed(2)
        } % at the most`,
    );
  }
}
