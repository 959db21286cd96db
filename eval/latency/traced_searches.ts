import type { BackendQuery, Index, SearchResult, Stage } from "../../backends/backend.ts";
import { addMacs, NO_MACS, timesMacs } from "../../encoders/flops/macs.ts";
import type { Progress } from "../../support/progress.ts";

/** Rankings of a set of queries, and what was done for them. */
export interface TracedSearches {
  /** The ranking of each query. */
  readonly results: readonly SearchResult[];
  /** Means over all searches. */
  readonly stages: readonly Stage[];
  /** Mean time of a search, ms, which stages should add up to; null where several ran at once. */
  readonly meanMs: number | null;
}

/** Queries that run at once where nothing is timed. */
const TOGETHER = 16;

/**
 * Searches every query with tracing.
 *
 * @param alone one query at a time, so that the times of stages mean something; else several at once, which is faster
 */
export async function searchTraced(
  index: Index,
  queries: readonly BackendQuery[],
  k: number,
  alone: boolean,
  progress: Progress,
): Promise<TracedSearches> {
  const results: SearchResult[] = [];
  const size = alone ? 1 : TOGETHER;
  let ms = 0;
  for (let from = 0; from < queries.length; from += size) {
    const group = queries.slice(from, from + size);
    const started = performance.now();
    results.push(...await Promise.all(group.map((query) => index.search(query, k))));
    ms += performance.now() - started;
    progress.update(results.length);
  }
  return { results, stages: meanStages(results), meanMs: alone ? ms / Math.max(queries.length, 1) : null };
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
