import { z } from "zod";

/** Passages, candidates or cells that a search can be asked for: lists of them are made before anything is known to be there. */
export const MAX_DEPTH = 10_000_000;

/** Centroids of an index. */
export const MAX_PARTITIONS = 2 ** 24;

/**
 * An option that counts something, from 1.
 *
 * @param most a bound far above all use; what is larger would take the machine's memory before anything is made
 */
export function countOption(most: number) {
  return z.coerce.number().int().positive().max(most);
}
