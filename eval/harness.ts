import { join } from "node:path";
import type { BackendQuery, Index } from "../backends/backend.ts";
import { type Run, withoutOwnIds } from "../datasets/dataset.ts";
import type { Encoder } from "../encoders/encoder.ts";
import { encodeForSearch } from "../encoders/query.ts";
import { addMacs, type Macs, NO_MACS, timesMacs } from "../encoders/flops/macs.ts";
import { fileNamePart, joinedFileName } from "../support/file_name.ts";
import { startProgress } from "../support/progress.ts";
import { approximate } from "./comparison/approximation.ts";
import { measureSurvival } from "./survival.ts";
import { describeFootprint } from "./footprint.ts";
import type { LatencyMethod } from "./latency/method.ts";
import { describeQuick, timeQuickly } from "./latency/quick.ts";
import { searchTraced, type TracedSearches } from "./latency/traced_searches.ts";
import { measureRun } from "./measure_run.ts";
import type { BuildRecord } from "./results/cost_schema.ts";
import type { Cell } from "./results/schema.ts";
import { tagOf, writeRun } from "./runs/write.ts";
import type { LoadedTopics } from "./topics.ts";

/** A topic set, ready to be searched. */
export interface PreparedQueries {
  readonly loaded: LoadedTopics;
  readonly queries: readonly BackendQuery[];
  /** Time to encode each query, ms; null without an encoder, and unless latency is measured quickly. */
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
  /** Vectors of the collection; null where the system has none. */
  readonly tokens: number | null;
  readonly build: BuildRecord;
}

/** The system whose rankings are the others' reference. */
export const EXHAUSTIVE = "exhaustive";

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
    const encoded = await encodeForSearch(encoder, text);
    times.push(performance.now() - started);
    macs &&= encoded.macs && addMacs(macs, encoded.macs);
    queries.push({ id, text, candidates, matrix: encoded.matrix });
  }
  return {
    loaded,
    queries,
    encodeTimes: encoder && latency === "quick" ? times : null,
    encodeMacs: macs && timesMacs(macs, 1 / Math.max(queries.length, 1)),
  };
}

/**
 * Searches all queries of a topic set with one system, measures rankings, work and (`quick`) times, and writes the run files.
 *
 * @param open opens its index, with or without tracing
 * @param exhaustive exhaustive search's rankings of these queries, where they are known
 */
export async function measureSystem(
  dataset: string,
  prepared: PreparedQueries,
  system: System,
  open: (tracing: boolean) => Promise<Index>,
  exhaustive: Run | null,
  options: HarnessOptions,
): Promise<Cell> {
  const { loaded, queries } = prepared;
  const { k, latency } = options;
  const traced = await searchWithProgress(dataset, prepared, system, open, exhaustive, options);
  const { results, stages, meanMs } = traced.searches;
  const found: Run = new Map(queries.map(({ id }, q) => {
    const { ids, scores } = results[q];
    return [id, ids.map((passage, i) => ({ id: passage, score: scores[i] }))];
  }));
  const run = loaded.topics.ignoreIdenticalIds ? firstOf(withoutOwnIds(found), k) : found;
  const name = joinedFileName([dataset, loaded.topics.name, fileNamePart(system.label)]);
  const files = { trec: `${name}.run.trec`, msmarco: `${name}.run.msmarco.tsv` };
  writeRun(join(options.out, files.trec), run, "trec", { tag: tagOf(system.label) });
  writeRun(join(options.out, files.msmarco), run, "msmarco");

  const search = latency === "quick" ? await timeWithProgress(dataset, prepared, system, open, options) : null;
  const encodeTimes = system.usesEncoder ? prepared.encodeTimes : null;
  const withEncoding = search?.map((ms, q) => ms + (encodeTimes?.[q] ?? 0)) ?? null;
  return {
    ...measureRun(dataset, loaded, run, k, "run", { search, withEncoding }),
    system: system.label,
    backend: system.backend,
    options: traced.settings,
    kernel: system.kernel,
    latency: search && withEncoding && search.length > 0 ? describeQuick(search, withEncoding) : null,
    stages: stages.map(({ name, ms, macs, bytes, candidates }) => ({
      name,
      mean_ms: ms,
      mean_macs: macs.float,
      mean_integer_macs: macs.integer,
      mean_bytes: bytes,
      mean_candidates: candidates,
    })),
    stages_ms: meanMs === null
      ? null
      : { search: meanMs, outside: meanMs - stages.reduce((sum, { ms }) => sum + ms, 0) },
    flops_per_query: {
      encoder: system.usesEncoder ? prepared.encodeMacs && timesMacs(prepared.encodeMacs, 2) : NO_MACS,
      search: timesMacs(stages.reduce((sum, { macs }) => addMacs(sum, macs), NO_MACS), 2),
    },
    footprint: { ...traced.footprint, process: null },
    build: system.build,
    ...traced.survival,
    approximation: exhaustive && system.backend !== EXHAUSTIVE ? approximate(run, EXHAUSTIVE, exhaustive) : null,
    widened_queries: results.filter(({ widened }) => widened).length,
    run_files: files,
  };
}

function firstOf(run: Run, k: number): Run {
  return new Map([...run].map(([qid, ranking]) => [qid, ranking.slice(0, k)]));
}

/** Everything that an index with tracing tells. */
async function searchWithProgress(
  dataset: string,
  { loaded, queries }: PreparedQueries,
  system: System,
  open: (tracing: boolean) => Promise<Index>,
  exhaustive: Run | null,
  options: HarnessOptions,
) {
  await using index = await open(true);
  const label = `search ${dataset}/${loaded.topics.name} with ${system.label}`;
  const progress = startProgress(label, queries.length, "queries", options);
  let searches: TracedSearches;
  try {
    // One more where a query's own passage will be left out, so that k are left.
    const wanted = options.k + (loaded.topics.ignoreIdenticalIds ? 1 : 0);
    searches = await searchTraced(index, queries, wanted, options.latency !== "off", progress);
  } finally {
    progress.stop();
  }
  const traced = `trace ${dataset}/${loaded.topics.name} with ${system.label}`;
  using tracing = startProgress(traced, queries.length, "queries", { quiet: options.quiet || !index.trace });
  return {
    searches,
    settings: { ...index.settings, ...index.settingsFor?.(options.k) },
    footprint: describeFootprint(index.footprint(), index.passages, system.tokens),
    survival: await measureSurvival(index, loaded, queries, options.k, exhaustive, tracing.update),
  };
}

async function timeWithProgress(
  dataset: string,
  { loaded, queries }: PreparedQueries,
  system: System,
  open: (tracing: boolean) => Promise<Index>,
  options: HarnessOptions,
): Promise<number[]> {
  await using index = await open(false);
  const label = `time ${dataset}/${loaded.topics.name} with ${system.label}`;
  using progress = startProgress(label, queries.length, "queries", options);
  return await timeQuickly(index, queries, options.k, progress);
}
