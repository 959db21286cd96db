import type { PlaidHeader } from "../index/format.ts";
import { partitionsFor } from "../build/plan.ts";
import type { StoredSegment } from "../index/segments.ts";

/** How far an index has moved from what its centroids were trained on. */
export interface Drift {
  /** Rows that were added since, deleted ones included. */
  readonly added: number;
  /** Mean |row − centroid| of those rows, divided by that of rows that were kept back from training. */
  readonly residuals: number;
  /** Centroids that an index of this size would get now, divided by those that it has. */
  readonly partitions: number;
}

/** Residuals that are longer by this share: see `docs/updates.md` for what was measured. */
export const MOST_RESIDUALS = 1.05;

/** Measures what was added to an index since its centroids were trained. */
export function measureDrift(header: PlaidHeader, segments: readonly Pick<StoredSegment, "info" | "added">[]): Drift {
  let [added, sum, tokens] = [0, 0, 0];
  for (const { info, added: own } of segments) {
    tokens += info.tokens;
    if (!own) continue;
    added += own.tokens;
    sum += own.tokens * own.average_residual;
  }
  const wanted = header.settings.partitions === "auto" ? partitionsFor(tokens, tokens) : header.partitions;
  return {
    added,
    residuals: added === 0 || header.average_residual === 0 ? 1 : sum / added / header.average_residual,
    partitions: wanted / header.partitions,
  };
}

/** What to tell the user of a drift; nothing where all is well. */
export function driftWarnings({ added, residuals, partitions }: Drift): string[] {
  const advice = "train them anew: index compact --rebuild";
  return [
    ...residuals > MOST_RESIDUALS
      ? [
        `the centroids have drifted: residuals of the ${added} rows added since are ${
          residuals.toFixed(3)
        } times as long; ${advice}`,
      ]
      : [],
    ...partitions > 2
      ? [`the index has outgrown its centroids: it would now get ${partitions} times as many; ${advice}`]
      : [],
  ];
}
