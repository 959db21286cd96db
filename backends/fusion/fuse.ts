import type { SearchResult } from "../backend.ts";

/** How rankings become one. */
export const METHODS = ["rrf", "relative"] as const;

/** One of {@link METHODS}. */
export type FusionMethod = typeof METHODS[number];

/** A ranking, and how much it counts. */
export interface Weighted {
  readonly ranking: Pick<SearchResult, "ids" | "scores">;
  readonly weight: number;
}

/** How {@link fuse} puts rankings together. */
export interface FusionOptions {
  readonly method: FusionMethod;
  /** The constant of reciprocal ranks: the larger, the less the first ranks stand out. */
  readonly rankConstant: number;
}

/**
 * The score of every passage that some ranking has, over all of them: `rrf` sums weight / (constant + rank) (Cormack, Clarke and
 * Büttcher, SIGIR 2009), `relative` sums weight × score, each ranking's scores stretched to 0 … 1 (min–max, as hybrid search
 * engines have it; 1 where all are equal). A ranking without the passage adds nothing.
 */
export function fuse(rankings: readonly Weighted[], { method, rankConstant }: FusionOptions): Map<string, number> {
  const fused = new Map<string, number>();
  for (const { ranking: { ids, scores }, weight } of rankings) {
    const least = scores[scores.length - 1] ?? 0;
    const range = (scores[0] ?? 0) - least;
    ids.forEach((id, i) => {
      const share = method === "rrf" ? 1 / (rankConstant + i + 1) : range > 0 ? (scores[i] - least) / range : 1;
      fused.set(id, (fused.get(id) ?? 0) + weight * share);
    });
  }
  return fused;
}
