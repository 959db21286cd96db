import jStat from "jstat";

/** Mean and spread of paired differences. */
export interface Sample {
  readonly n: number;
  readonly mean: number;
  /** Standard deviation of the differences, with n − 1. */
  readonly deviation: number;
}

/** Two numbers that are as near to one another, relative to their size, are the same: sums in another order differ so much. */
const ROUNDING = 1e-12;

/** The difference of two scores, 0 where it is one of rounding only. */
export function scoreDifference(a: number, b: number): number {
  const difference = a - b;
  return Math.abs(difference) <= ROUNDING * Math.max(Math.abs(a), Math.abs(b)) ? 0 : difference;
}

/** Describes paired differences. Their deviation is 0 where they are equal up to rounding. */
export function describe(differences: readonly number[]): Sample {
  const n = differences.length;
  const mean = differences.reduce((sum, value) => sum + value, 0) / n;
  const squares = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = n > 1 ? Math.sqrt(squares / (n - 1)) : NaN;
  const largest = differences.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return { n, mean, deviation: deviation <= ROUNDING * largest ? 0 : deviation };
}

/**
 * P(T > t) of Student's distribution, with all digits in the tail: 1 − cdf is exactly 0 from about t = 8.3 on. The argument is
 * jStat's own of cdf(−t), without the cancellation of −t and √(t² + degrees of freedom).
 */
function upperTail(t: number, degreesOfFreedom: number): number {
  const side = Math.sqrt(t * t + degreesOfFreedom);
  const tail = jStat.ibeta(
    degreesOfFreedom / (2 * side * (side + Math.abs(t))),
    degreesOfFreedom / 2,
    degreesOfFreedom / 2,
  );
  return t > 0 ? tail : 1 - tail;
}

/** Student's paired t-test, two-sided; it says nothing where there are fewer than two queries or all differences are equal. */
export function pairedTTest({ n, mean, deviation }: Sample): { readonly t: number; readonly p: number } {
  const t = mean / (deviation / Math.sqrt(n));
  return { t, p: 2 * upperTail(Math.abs(t), n - 1) };
}

/**
 * Two one-sided t-tests (TOST; Schuirmann 1987): a small p says that the true mean difference lies within ±margin.
 *
 * @param margin the largest difference that counts as none
 */
export function equivalenceTest({ n, mean, deviation }: Sample, margin: number): { readonly p: number } {
  const error = deviation / Math.sqrt(n);
  const above = upperTail((mean + margin) / error, n - 1);
  const below = upperTail((margin - mean) / error, n - 1);
  return { p: Math.max(above, below) };
}

/** Cohen's d of paired differences (d_z): mean over standard deviation; 0 where nothing differs, null where nothing varies. */
export function effectSize({ mean, deviation }: Sample): number | null {
  if (mean === 0) return 0;
  return deviation > 0 ? mean / deviation : null;
}

/** Student's 95 % interval of a mean; the mean itself where one value tells nothing about the spread. */
export function meanInterval({ n, mean, deviation }: Sample): readonly [low: number, high: number] {
  if (n < 2) return [mean, mean];
  const half = jStat.studentt.inv(0.975, n - 1) * deviation / Math.sqrt(n);
  return [mean - half, mean + half];
}
