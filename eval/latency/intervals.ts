import jStat from "jstat";
import { resampledMeans, RESAMPLES } from "../significance/bootstrap.ts";
import { CONFIDENCE, median } from "./percentiles.ts";

/** A figure with the two ends of its interval, {@link CONFIDENCE}. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** The times of one round, ms: one for each of its queries. */
export type Round = ArrayLike<number>;

/** Rounds that an interval needs: of so many, the smallest and the largest enclose the middle with 99.2 % confidence. */
export const LEAST_ROUNDS = 8;

/** The median time of a query, from the medians of rounds; null with fewer than {@link LEAST_ROUNDS}. */
export function medianEstimate(rounds: readonly Round[]): Estimate | null {
  return estimate(rounds.map((round) => Math.log(median(round))));
}

/**
 * How many times as long the median query takes in one system as in another, from rounds in which both answered the same queries.
 * Null with fewer than {@link LEAST_ROUNDS}.
 */
export function ratioEstimate(a: readonly Round[], b: readonly Round[]): Estimate | null {
  return estimate(a.map((round, r) => Math.log(median(round)) - Math.log(median(b[r]))));
}

/** Whether an interval says that two systems differ. */
export function differs({ low, high }: Estimate): boolean {
  return low > 1 || high < 1;
}

/**
 * Paired bootstrap interval of a geometric mean: rounds are resampled, since what disturbs one query of a round (another program,
 * the clock frequency) disturbs its neighbours too. Percentiles are expanded for few rounds, as t intervals are (Hesterberg, The
 * American Statistician 2015, §3.4): the plain ones are too narrow then.
 *
 * @param logs one for each round
 */
function estimate(logs: readonly number[]): Estimate | null {
  const n = logs.length;
  if (n < LEAST_ROUNDS) return null;
  const means = resampledMeans(logs, 1);
  const t = jStat.studentt.inv((1 + CONFIDENCE) / 2, n - 1);
  const tail = jStat.normal.cdf(-Math.sqrt(n / (n - 1)) * t, 0, 1);
  const at = (index: number) => Math.exp(means[Math.min(RESAMPLES - 1, Math.max(0, index))]);
  return {
    value: Math.exp(logs.reduce((sum, log) => sum + log, 0) / n),
    low: at(Math.floor(tail * RESAMPLES)),
    high: at(Math.ceil((1 - tail) * RESAMPLES) - 1),
  };
}
