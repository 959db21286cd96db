import jStat from "jstat";

/** Mean and spread of paired differences. */
export interface Sample {
  readonly n: number;
  readonly mean: number;
  /** Standard deviation of the differences, with n − 1. */
  readonly deviation: number;
}

/** Describes paired differences. */
export function describe(differences: readonly number[]): Sample {
  const n = differences.length;
  const mean = differences.reduce((sum, value) => sum + value, 0) / n;
  const squares = differences.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { n, mean, deviation: n > 1 ? Math.sqrt(squares / (n - 1)) : NaN };
}

/** Student's paired t-test, two-sided; NaN where there are fewer than two queries or all differences are equal and 0. */
export function pairedTTest({ n, mean, deviation }: Sample): { readonly t: number; readonly p: number } {
  const t = mean / (deviation / Math.sqrt(n));
  return { t, p: 2 * (1 - jStat.studentt.cdf(Math.abs(t), n - 1)) };
}

/**
 * Two one-sided t-tests (TOST; Schuirmann 1987): a small p says that the true mean difference lies within ±margin.
 *
 * @param margin the largest difference that counts as none
 */
export function equivalenceTest({ n, mean, deviation }: Sample, margin: number): { readonly p: number } {
  const error = deviation / Math.sqrt(n);
  const above = 1 - jStat.studentt.cdf((mean + margin) / error, n - 1);
  const below = jStat.studentt.cdf((mean - margin) / error, n - 1);
  return { p: Math.max(above, below) };
}

/** Cohen's d of paired differences (d_z): mean over standard deviation; 0 where nothing differs. */
export function effectSize({ mean, deviation }: Sample): number {
  return mean === 0 ? 0 : mean / deviation;
}

/** Student's 95 % interval of a mean; the mean itself where one value tells nothing about the spread. */
export function meanInterval({ n, mean, deviation }: Sample): readonly [low: number, high: number] {
  if (n < 2) return [mean, mean];
  const half = jStat.studentt.inv(0.975, n - 1) * deviation / Math.sqrt(n);
  return [mean - half, mean + half];
}
