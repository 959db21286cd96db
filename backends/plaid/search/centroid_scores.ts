import type { EngineQuery, PlaidEngine } from "./engine.ts";
import { type Places, scoreGroups } from "./places.ts";

/** Scores by centroids alone; tokens count whose centroid is kept. A query row without such gets the engine's −9999. */
export function centroidScores(
  { kernel, setup: { header: { code_bytes } } }: PlaidEngine,
  { table, block: { stride }, rows, scratch }: EngineQuery,
  places: Places,
  keep: Uint8Array | null,
): Float32Array {
  return scoreGroups(places, ({ codes }, at, out) => {
    kernel.loops.centroid_scores(table, stride, rows, keep, codes, code_bytes, ...at, FLOOR, scratch, out);
  });
}

/** What a query row gets that finds no token (`filter_pids.cpp`). */
const FLOOR = -9999;

/** The same from a table in bytes, made here: exact sums of rounded products. */
export function centroidScoresI8(
  engine: PlaidEngine,
  { table, block: { stride }, rows, most, scratch }: EngineQuery,
  places: Places,
  keep: Uint8Array | null,
): Float32Array {
  const { kernel, setup: { header: { partitions, code_bytes } } } = engine;
  const bytes = engine.room("bytes", partitions * stride);
  // Products far below zero are nobody's maximum: the steps are spent on the rest.
  const least = -most / 8;
  kernel.loops.table_bytes(table, partitions, stride, rows, keep, least, (most - least) / 255 || 1, bytes);
  return scoreGroups(places, ({ codes }, at, out) => {
    kernel.loops.centroid_scores_i8(bytes, stride, codes, code_bytes, ...at, scratch, out);
  });
}
