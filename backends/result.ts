import type { SearchResult } from "./backend.ts";

/** The ranking of an empty query. */
export const EMPTY_RESULT: SearchResult = { ids: [], scores: new Float32Array(0), stages: [] };

/**
 * Checks the number of passages asked for.
 *
 * @throws {RangeError} for a negative or broken number
 */
export function checkK(k: number): void {
  if (!Number.isInteger(k) || k < 0) throw new RangeError(`k must be a whole number from 0, not ${k}`);
}
