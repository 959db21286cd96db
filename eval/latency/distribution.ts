import type { Distribution } from "../results/schema.ts";

/**
 * Queries that a percentile needs before it may be printed: the smallest samples for which MLPerf's early-stopping rule gives an
 * estimate with 99 % confidence (binomial, no query discarded).
 */
const NEEDED: readonly (readonly [percent: number, queries: number])[] = [[50, 11], [90, 64], [95, 130], [99, 662], [
  99.9,
  6636,
]];

/**
 * Mean and percentiles of some times.
 *
 * @param times ms, one a query, at least one
 */
export function describeTimes(times: readonly number[]): Distribution {
  const sorted = [...times].sort((a, b) => a - b);
  const mean = sorted.reduce((sum, ms) => sum + ms, 0) / sorted.length;
  const percentiles = NEEDED.filter(([, needed]) => sorted.length >= needed).map(([percent]) => {
    return { percent, ms: sorted[Math.ceil((percent / 100) * sorted.length) - 1] };
  });
  return { mean_ms: mean, percentiles };
}

/** The middle value; the mean of the two middle ones where their number is even. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
