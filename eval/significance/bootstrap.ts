import { seededRandom } from "../../support/random.ts";

/** Resamples. */
export const RESAMPLES = 10_000;

/**
 * Percentile bootstrap interval of the mean (Efron and Tibshirani 1993, chapter 13; for IR: Sakai, SIGIR 2006).
 *
 * @param values one for each query
 * @param confidence e.g. 0.95
 */
export function bootstrapInterval(
  values: readonly number[],
  confidence = 0.95,
  seed = 12345,
): readonly [low: number, high: number] {
  const means = resampledMeans(values, seed);
  const tail = (1 - confidence) / 2;
  return [means[Math.floor(tail * RESAMPLES)], means[Math.ceil((1 - tail) * RESAMPLES) - 1]];
}

/** Means of {@link RESAMPLES} samples of the values, drawn with replacement and as large, ascending. */
export function resampledMeans(values: readonly number[], seed: number): Float64Array {
  const random = seededRandom(seed);
  const n = values.length;
  const means = new Float64Array(RESAMPLES);
  for (let b = 0; b < RESAMPLES; b++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += values[Math.floor(random() * n)];
    means[b] = sum / n;
  }
  return means.sort();
}
