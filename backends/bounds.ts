import { z } from "zod";

/** Passages, candidates or cells that a search can be asked for: lists of them are made before anything is known to be there. */
export const MAX_DEPTH = 10_000_000;

/** Centroids of an index. */
export const MAX_PARTITIONS = 2 ** 24;

/** Scores and thresholds of a search: far beyond those of unit vectors, and their sums stay finite. */
export const MAX_SCORE = 1e6;

/** An option that is compared with scores. */
export function scoreOption() {
  return z.coerce.number().min(-MAX_SCORE).max(MAX_SCORE);
}

/** A seed of an option. */
export function seedOption() {
  return z.coerce.number().int().min(-Number.MAX_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER);
}

/**
 * An option that counts something, from 1.
 *
 * @param most a bound far above all use; what is larger would take the machine's memory before anything is made
 */
export function countOption(most: number) {
  return z.coerce.number().int().positive().max(most);
}
