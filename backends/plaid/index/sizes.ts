import type { BuildSettings } from "./format.ts";

/** Bytes that hold a number below `count`. */
export function bytesFor(count: number): 1 | 2 | 3 | 4 {
  if (count <= 2 ** 8) return 1;
  if (count <= 2 ** 16) return 2;
  return count <= 2 ** 24 ? 3 : 4;
}

/** Bytes of each token's residual; null where they differ. */
export function residualBytes(dim: number, { nbits, pq }: Pick<BuildSettings, "nbits" | "pq">): number | null {
  if (nbits !== undefined) return dim * nbits / 8;
  return pq ?? null;
}
