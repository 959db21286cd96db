import type { Footprint, FootprintFile } from "../backends/backend.ts";
import type { FootprintRecord } from "./results/cost_schema.ts";

/** Collections that footprints are projected to: MS MARCO's passages, and TREC CAR's paragraphs. */
const PROJECTED = [8_841_823, 29_794_697];

/** How the bytes of a purpose grow with the passages; all others grow in proportion. */
const GROWTH: Partial<Record<FootprintFile["purpose"], (factor: number) => number>> = {
  centroids: Math.sqrt,
  settings: () => 1,
};

/**
 * What an index takes: by purpose, per passage and token, and projected to other collections of such passages.
 *
 * @param tokens vectors of the collection; null for indexes without
 */
export function describeFootprint(
  { files, memoryBytes }: Footprint,
  passages: number,
  tokens: number | null,
): Omit<FootprintRecord, "process"> {
  const purposes: Record<string, number> = {};
  for (const { purpose, bytes } of files) purposes[purpose] = (purposes[purpose] ?? 0) + bytes;
  const diskBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    files: [...files],
    purposes,
    disk_bytes: diskBytes,
    bytes_per_passage: diskBytes / Math.max(passages, 1),
    bytes_per_token: tokens === null ? null : diskBytes / Math.max(tokens, 1),
    projected: PROJECTED.map((wanted) => ({
      passages: wanted,
      bytes: Math.round(files.reduce((sum, { purpose, bytes }) => {
        const factor = wanted / Math.max(passages, 1);
        return sum + bytes * (GROWTH[purpose]?.(factor) ?? factor);
      }, 0)),
    })),
    memory_bytes: memoryBytes,
  };
}
