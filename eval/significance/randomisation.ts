import { seededBits } from "../../support/random.ts";

/** What a test says about the mean of paired differences. */
export interface TestResult {
  /** Two-sided. */
  readonly p: number;
  /** Sign patterns that were looked at. */
  readonly patterns: number;
  /** Whether these are all there are. */
  readonly exact: boolean;
}

/** Random sign patterns. */
export const FLIPS = 10_000;

/**
 * Two-sided paired randomisation test (Fisher; Smucker, Allan and Carterette, CIKM 2007): if both systems were the same, each
 * query's difference could as well have the other sign. p is the share of sign patterns whose mean is at least as far from 0 as
 * the observed one: of all of them where there are at most {@link FLIPS} (up to 13 queries that differ), and else of random ones, with one
 * added above and below the line (Phipson and Smyth 2010), so that p is never 0.
 *
 * @param differences one for each query
 */
export function randomisationTest(differences: readonly number[], seed = 12345): TestResult {
  const values = differences.filter((value) => value !== 0); // a zero keeps every mean
  const observed = Math.abs(values.reduce((sum, value) => sum + value, 0));
  // Sums in another order differ in their last bits; what is equal must count as equal.
  const bound = observed * (1 - 1e-12);
  const all = 2 ** values.length;
  if (all <= FLIPS) {
    let extreme = 0;
    for (let pattern = 0; pattern < all; pattern++) {
      let sum = 0;
      for (let i = 0; i < values.length; i++) sum += (pattern >> i) & 1 ? -values[i] : values[i];
      if (Math.abs(sum) >= bound) extreme++;
    }
    return { p: extreme / all, patterns: all, exact: true };
  }
  const bits = seededBits(seed);
  let extreme = 0;
  for (let flip = 0; flip < FLIPS; flip++) {
    let sum = 0;
    let word = 0;
    for (let i = 0; i < values.length; i++) {
      if ((i & 31) === 0) word = bits();
      sum += (word >>> (i & 31)) & 1 ? -values[i] : values[i];
    }
    if (Math.abs(sum) >= bound) extreme++;
  }
  return { p: (extreme + 1) / (FLIPS + 1), patterns: FLIPS, exact: false };
}
