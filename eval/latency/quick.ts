import type { BackendQuery, Index } from "../../backends/backend.ts";
import type { Progress } from "../../support/progress.ts";
import type { Latency } from "../results/latency_schema.ts";
import { describeTimes } from "./percentiles.ts";

/**
 * One pass over the queries, one at a time, after one that is not timed: the index was opened anew, and what it maps into memory is
 * read from the page cache at the first touch.
 *
 * @param index opened without tracing
 * @returns search time of each query, ms
 */
export async function timeQuickly(
  index: Index,
  queries: readonly BackendQuery[],
  k: number,
  progress: Progress,
): Promise<number[]> {
  for (const query of queries) await index.search(query, k);
  const times: number[] = [];
  for (const query of queries) {
    const started = performance.now();
    await index.search(query, k);
    times.push(performance.now() - started);
    progress.update(times.length);
  }
  return times;
}

/**
 * What one pass says.
 *
 * @param times search times, ms, at least one
 * @param withEncoding the same with the time of encoding the query
 */
export function describeQuick(times: readonly number[], withEncoding: readonly number[]): Latency {
  return {
    method: "quick",
    process: "shared",
    queries: times.length,
    requests: times.length,
    rounds: 1,
    warmup_searches: times.length,
    warmup_settled: null,
    warmup_queries: "the timed ones",
    stopped: "one pass",
    search: { ...describeTimes(times), median_ms: null },
    with_encoding: { ...describeTimes(withEncoding), median_ms: null },
    harness_us: null,
    cold: null,
    warm: null,
    load: [],
  };
}
