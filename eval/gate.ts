import { diskBytesOf, flopsOf, integerOpsOf, latencyOf, medianOf, searchMsOf } from "./results/figures.ts";
import type { Cell } from "./results/schema.ts";
import { own } from "../support/own.ts";

/** What a figure should be; every limit that is given holds. */
export interface Limits {
  readonly value?: number;
  /** How far from `value` it may be. */
  readonly tolerance: number;
  readonly at_least?: number;
  readonly at_most?: number;
}

/** Figures of a cell beside its measures. */
const FIGURES: Readonly<Record<string, (cell: Cell) => number | null | undefined>> = {
  ms: latencyOf,
  p50_ms: ({ latency }) => latency && medianOf(latency.with_encoding),
  search_ms: searchMsOf,
  flops: flopsOf,
  integer_ops: integerOpsOf,
  disk_bytes: diskBytesOf,
  bytes_per_passage: ({ footprint }) => footprint?.bytes_per_passage,
  build_seconds: ({ build }) => build?.seconds,
};

/** Names of the figures beside measures. */
export const FIGURE_NAMES: readonly string[] = Object.keys(FIGURES);

/** A figure of a cell: a measure, or one of {@link FIGURE_NAMES}; null where the cell has none. */
export function figureOf(cell: Cell, name: string): number | null {
  return own(FIGURES, name)?.(cell) ?? own(cell.mean, name) ?? null;
}

/** In words what is wrong with a figure; null where nothing is. */
export function checkFigure(found: number, { value, tolerance, at_least, at_most }: Limits): string | null {
  if (value !== undefined && !(Math.abs(found - value) <= tolerance)) {
    return `${found}, expected ${value} ± ${tolerance}`;
  }
  if (at_least !== undefined && !(found >= at_least)) return `${found}, expected at least ${at_least}`;
  if (at_most !== undefined && !(found <= at_most)) return `${found}, expected at most ${at_most}`;
  return null;
}
