import type { Distribution } from "../eval/results/latency_schema.ts";
import { formatMs } from "./format.ts";

/** Percentiles with bounds; those that the sample does not support say so. */
export function formatPercentiles({ percentiles, n_too_small_for }: Distribution): string {
  const known = percentiles.map(({ percent, ms, at_most_ms }) =>
    `p${percent} ${formatMs(ms)} (≤ ${formatMs(at_most_ms)}) ms`
  );
  const unknown = n_too_small_for.map((percent) => `p${percent}`).join(", ");
  return [...known, ...unknown === "" ? [] : [`${unknown}: n too small`]].join(", ");
}
