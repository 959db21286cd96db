import type { BackendQuery, Index, SearchResult, Stage } from "../../backends/backend.ts";
import { addMacs, NO_MACS, timesMacs } from "../../encoders/flops/macs.ts";
import type { Progress } from "../../support/progress.ts";
import { median } from "./distribution.ts";

/** How latency is measured. */
export type LatencyMethod = "off" | "quick" | "full";

/** Rankings and times of a set of queries. */
export interface TimedSearches {
  /** The ranking of each query. */
  readonly results: readonly SearchResult[];
  /** Search time of each query, ms; null where latency is off. */
  readonly times: readonly number[] | null;
  readonly passes: number;
  readonly warmupQueries: number;
  /** Means over all timed searches. */
  readonly stages: readonly Stage[];
}

/** Queries that are searched before the timed ones. */
const WARMUP_QUERIES = 10;
const FULL_PASSES = 3;

/** Queries that run at once where nothing is timed. */
const TOGETHER = 16;

/**
 * Searches every query, one at a time (single stream); several at once where latency is off. `quick` times one pass after a warm-up of ten queries; `full` times three
 * passes and takes each query's median.
 */
export async function searchAll(
  index: Index,
  queries: readonly BackendQuery[],
  k: number,
  method: LatencyMethod,
  progress: Progress,
): Promise<TimedSearches> {
  if (method === "off") return await searchTogether(index, queries, k, progress);
  const warmupQueries = Math.min(WARMUP_QUERIES, queries.length);
  for (const query of queries.slice(0, warmupQueries)) await index.search(query, k);
  const passes = method === "full" ? FULL_PASSES : 1;
  const results: SearchResult[] = [];
  const times: number[][] = queries.map(() => []);
  for (let pass = 0; pass < passes; pass++) {
    for (const [i, query] of queries.entries()) {
      const started = performance.now();
      const result = await index.search(query, k);
      times[i].push(performance.now() - started);
      if (pass === 0) results.push(result);
      progress.update(pass * queries.length + i + 1);
    }
  }
  return {
    results,
    times: times.map(median),
    passes,
    warmupQueries,
    stages: meanStages(results),
  };
}

async function searchTogether(
  index: Index,
  queries: readonly BackendQuery[],
  k: number,
  progress: Progress,
): Promise<TimedSearches> {
  const results: SearchResult[] = [];
  for (let from = 0; from < queries.length; from += TOGETHER) {
    const group = queries.slice(from, from + TOGETHER);
    results.push(...await Promise.all(group.map((query) => index.search(query, k))));
    progress.update(results.length);
  }
  return { results, times: null, passes: 1, warmupQueries: 0, stages: meanStages(results) };
}

/** Passes that a method makes, for progress lines. */
export function passesOf(method: LatencyMethod): number {
  return method === "full" ? FULL_PASSES : 1;
}

function meanStages(results: readonly SearchResult[]): Stage[] {
  const sums = new Map<string, { -readonly [K in keyof Stage]: Stage[K] }>();
  for (const stage of results.flatMap((result) => result.stages)) {
    const sum = sums.get(stage.name) ?? { name: stage.name, ms: 0, macs: NO_MACS, bytes: 0, candidates: 0 };
    sum.ms += stage.ms;
    sum.macs = addMacs(sum.macs, stage.macs);
    sum.bytes += stage.bytes;
    sum.candidates += stage.candidates;
    sums.set(stage.name, sum);
  }
  const n = Math.max(results.length, 1);
  return [...sums.values()].map(({ name, ms, macs, bytes, candidates }) => {
    return { name, ms: ms / n, macs: timesMacs(macs, 1 / n), bytes: bytes / n, candidates: candidates / n };
  });
}
