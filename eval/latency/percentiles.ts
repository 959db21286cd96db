import jStat from "jstat";
import type { Distribution } from "../results/latency_schema.ts";

/** Confidence of every bound and interval of a time. */
export const CONFIDENCE = 0.99;

/** Percentiles that are looked at. */
const PERCENTS = [50, 90, 95, 99, 99.9];

/**
 * MLPerf's early-stopping rule: which order statistic of `n` times bounds a percentile from above. With `t` the largest number for
 * which at most `t` of `n` times exceed the percentile with a probability of no more than 1 − {@link CONFIDENCE}, the `t − 1`
 * largest times are discarded, and the largest of the others is the bound.
 *
 * @returns rank from 1, or null where `n` is too small (p50 needs 11, p90 64, p95 130, p99 662, p99.9 6,636)
 */
export function boundRank(n: number, percent: number): number | null {
  const exceeds = 1 - percent / 100;
  const rare = (t: number) => jStat.binomial.cdf(t, n, exceeds) <= 1 - CONFIDENCE;
  if (!rare(1)) return null;
  let [t, tooMany] = [1, n];
  while (tooMany - t > 1) {
    const middle = (t + tooMany) >> 1;
    if (rare(middle)) t = middle;
    else tooMany = middle;
  }
  return n - t + 1;
}

/**
 * Mean and percentiles of some times. Where queries were timed several times, all their times count alike, but only as many as
 * there are queries speak for other queries: bounds are those of a sample of `distinct`.
 *
 * @param times ms, at least one
 * @param distinct different queries among them
 */
export function describeTimes(times: ArrayLike<number>, distinct = times.length): Distribution {
  const sorted = Float64Array.from(times).sort();
  const at = (share: number) => sorted[Math.min(sorted.length, Math.max(1, Math.ceil(share * sorted.length))) - 1];
  const known = PERCENTS.map((percent) => ({ percent, rank: boundRank(distinct, percent) }));
  return {
    mean_ms: sorted.reduce((sum, ms) => sum + ms, 0) / sorted.length,
    percentiles: known.flatMap(({ percent, rank }) => {
      // Products such as 0.999 · 1000 must not fall into the next step.
      return rank === null ? [] : [{ percent, ms: at(percent / 100 - 1e-12), at_most_ms: at(rank / distinct - 1e-12) }];
    }),
    n_too_small_for: known.flatMap(({ percent, rank }) => rank === null ? [percent] : []),
  };
}

/** The middle value; the mean of the two middle ones where their number is even. */
export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
