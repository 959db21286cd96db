import { join } from "node:path";
import type { BackendQuery, Index } from "../backends/backend.ts";
import type { Run } from "../datasets/dataset.ts";
import type { Encoder } from "../encoders/encoder.ts";
import { addMacs, type Macs, NO_MACS, timesMacs } from "../encoders/flops/macs.ts";
import { startProgress } from "../support/progress.ts";
import { measureSurvival } from "./survival.ts";
import { describeTimes } from "./latency/percentiles.ts";
import { type LatencyMethod, passesOf, searchAll, type TimedSearches } from "./latency/timed_searches.ts";
import { evaluateRun } from "./metrics/evaluate.ts";
import { formatMeasure, type Measure, parseMeasure, uniqueMeasures } from "./metrics/measure.ts";
import { describeOrder, type RankOrder } from "./metrics/order.ts";
import type { Cell } from "./results/schema.ts";
import { writeRun } from "./runs/write.ts";
import type { LoadedTopics } from "./topics.ts";

/** A topic set, ready to be searched. */
export interface PreparedQueries {
  readonly loaded: LoadedTopics;
  readonly queries: readonly BackendQuery[];
  /** Time to encode each query, ms; null without an encoder or where latency is off. */
  readonly encodeTimes: readonly number[] | null;
  /** Mean multiply–accumulates of encoding a query; null where not known. */
  readonly encodeMacs: Macs | null;
}

/** How cells are measured. */
export interface HarnessOptions {
  /** Passages asked for. */
  readonly k: number;
  readonly latency: LatencyMethod;
  /** Folder of the results; run files go there. */
  readonly out: string;
  readonly quiet: boolean;
}

/** A system to measure. */
export interface System {
  /** Name in tables. */
  readonly label: string;
  readonly backend: string;
  readonly kernel: string | null;
  readonly usesEncoder: boolean;
  readonly buildSeconds: number | null;
}

/** What every table shows after a topic set's official measures. */
const STANDARD_MEASURES = ["RR@10", "R@50", "R@200", "R@1000", "nDCG@10", "AP"].map(parseMeasure);

/** Passages of each ranking that a result names. */
const TOP = 3;

/** Encodes the queries of a topic set, one at a time, as a search does. Empty queries get no rows. */
export async function prepareQueries(
  loaded: LoadedTopics,
  encoder: Encoder | null,
  latency: LatencyMethod,
): Promise<PreparedQueries> {
  const queries: BackendQuery[] = [];
  const times: number[] = [];
  let macs: Macs | null = NO_MACS;
  if (encoder && loaded.queries.length > 0) await encoder.encodeQuery(loaded.queries[0].text); // warm-up
  for (const { id, text } of loaded.queries) {
    const candidates = loaded.candidates?.get(id);
    if (!encoder) {
      queries.push({ id, text, candidates });
      continue;
    }
    const started = performance.now();
    const encoded = await encoder.encodeQuery(text);
    times.push(performance.now() - started);
    macs &&= encoded.macs && addMacs(macs, encoded.macs);
    const empty = { data: new Float32Array(0), rows: 0, dim: encoder.config.dim };
    queries.push({ id, text, candidates, matrix: text.trim() === "" ? empty : encoded.matrix });
  }
  return {
    loaded,
    queries,
    encodeTimes: encoder && latency !== "off" ? times : null,
    encodeMacs: macs && timesMacs(macs, 1 / Math.max(queries.length, 1)),
  };
}

/**
 * Searches all queries of a topic set with one system, measures rankings and times, and writes the run files.
 *
 * @param exhaustive exhaustive search's rankings of these queries, where they are known
 */
export async function measureSystem(
  dataset: string,
  prepared: PreparedQueries,
  system: System,
  index: Index,
  exhaustive: Run | null,
  options: HarnessOptions,
): Promise<Cell> {
  const { loaded, queries } = prepared;
  const label = `search ${dataset}/${loaded.topics.name} with ${system.label}`;
  const progress = startProgress(label, queries.length * passesOf(options.latency), "queries", options);
  let searches: TimedSearches;
  try {
    searches = await searchAll(index, queries, options.k, options.latency, progress);
  } finally {
    progress.stop();
  }
  const run: Run = new Map(queries.map(({ id }, q) => {
    const { ids, scores } = searches.results[q];
    return [id, ids.map((passage, i) => ({ id: passage, score: scores[i] }))];
  }));
  const name = `${dataset}.${loaded.topics.name}.${system.label.replace(/[^A-Za-z0-9._-]+/g, "_")}`;
  const files = { trec: `${name}.run.trec`, msmarco: `${name}.run.msmarco.tsv` };
  writeRun(join(options.out, files.trec), run, "trec", { tag: system.label });
  writeRun(join(options.out, files.msmarco), run, "msmarco");

  const encodeTimes = system.usesEncoder ? prepared.encodeTimes : null;
  const footprint = index.footprint();
  return {
    ...measureRun(dataset, loaded, run, options.k, "run", { search: searches.times, encode: encodeTimes }),
    system: system.label,
    backend: system.backend,
    options: { ...index.settings, ...index.settingsFor?.(options.k) },
    kernel: system.kernel,
    latency: describeLatency(searches, encodeTimes, options.latency),
    stages: searches.stages.map(({ name, ms, macs, bytes, candidates }) => {
      return {
        name,
        mean_ms: ms,
        mean_macs: macs.float,
        mean_integer_macs: macs.integer,
        mean_bytes: bytes,
        mean_candidates: candidates,
      };
    }),
    flops_per_query: {
      encoder: system.usesEncoder ? prepared.encodeMacs && timesMacs(prepared.encodeMacs, 2) : NO_MACS,
      search: timesMacs(searches.stages.reduce((sum, { macs }) => addMacs(sum, macs), NO_MACS), 2),
    },
    footprint: {
      files: [...footprint.files],
      disk_bytes: footprint.files.reduce((sum, { bytes }) => sum + bytes, 0),
      memory_bytes: footprint.memoryBytes,
    },
    build_seconds: system.buildSeconds,
    ...await measureSurvival(index, loaded, queries, options.k, exhaustive),
    widened_queries: searches.results.filter(({ widened }) => widened).length,
    run_files: files,
  };
}

/** Measures the data set's own candidates as a system: nothing was searched here, so there are no times and costs. */
export function measureCandidates(dataset: string, loaded: LoadedTopics, k: number): Cell | null {
  const { candidates, topics } = loaded;
  if (!candidates || !topics.candidates?.ordered || !topics.qrels) return null;
  return {
    ...measureRun(dataset, loaded, candidates, k, "trec_eval@9", { search: null, encode: null }),
    system: `candidates(${topics.candidates.name})`,
    backend: null,
    options: {},
    kernel: null,
    latency: null,
    stages: [],
    flops_per_query: null,
    footprint: null,
    build_seconds: null,
    survival: null,
    relevant: null,
    candidate_recall: null,
    widened_queries: 0,
    run_files: null,
  };
}

type Measured = Pick<
  Cell,
  | "dataset"
  | "topics"
  | "depth"
  | "official_measures"
  | "mean"
  | "ties"
  | "judged_queries"
  | "missing_queries"
  | "unjudged_queries"
  | "tie_rule"
  | "queries"
>;

function measureRun(
  dataset: string,
  loaded: LoadedTopics,
  run: Run,
  depth: number,
  order: RankOrder,
  times: { search: readonly number[] | null; encode: readonly number[] | null },
): Measured {
  const official = loaded.measures;
  const measures: Measure[] = loaded.topics.qrels ? uniqueMeasures([...official, ...STANDARD_MEASURES]) : [];
  const { mean, ties, perQuery, missing } = evaluateRun(run, loaded.qrels, measures, order, { ties: true });
  return {
    dataset,
    topics: loaded.topics.name,
    depth,
    official_measures: official.map(formatMeasure),
    mean: { ...mean },
    ties: { ...ties },
    judged_queries: loaded.qrels.size,
    missing_queries: [...missing],
    unjudged_queries: loaded.unjudged,
    tie_rule: describeOrder(order),
    queries: loaded.queries.map(({ id }, q) => ({
      id,
      measures: { ...perQuery.get(id) },
      search_ms: times.search?.[q] ?? null,
      encode_ms: times.encode?.[q] ?? null,
      top: (run.get(id) ?? []).slice(0, TOP).map((passage) => {
        return { id: passage.id, score: passage.score, grade: loaded.qrels.get(id)?.get(passage.id) ?? null };
      }),
    })),
  };
}

function describeLatency(
  { times, passes, warmupQueries }: TimedSearches,
  encodeTimes: readonly number[] | null,
  method: LatencyMethod,
): Cell["latency"] {
  if (times === null || method === "off" || times.length === 0) return null;
  return {
    method,
    queries: times.length,
    passes,
    warmup_queries: warmupQueries,
    search: describeTimes(times),
    with_encoding: describeTimes(times.map((ms, q) => ms + (encodeTimes?.[q] ?? 0))),
  };
}
