import type { Distribution } from "./latency_schema.ts";
import type { Cell } from "./schema.ts";

/** Mean time of a query, its encoding included, in ms. */
export function latencyOf(cell: Cell): number | null {
  return cell.latency?.with_encoding.mean_ms ?? null;
}

/** Bytes of the index on disk. */
export function diskBytesOf(cell: Cell): number | null {
  return cell.footprint?.disk_bytes ?? null;
}

/** Floating-point operations of a query, its encoding included; null where they are not known. */
export function flopsOf({ flops_per_query: flops }: Cell): number | null {
  return flops && flops.encoder && flops.encoder.float + flops.search.float;
}

/** Operations on integers of a query, its encoding included; null where they are not known. */
export function integerOpsOf({ flops_per_query: flops }: Cell): number | null {
  return flops && flops.encoder && flops.encoder.integer + flops.search.integer;
}

/** All operations of a query, on floating-point numbers and integers, its encoding included; null where they are not known. */
export function operationsOf(cell: Cell): number | null {
  const [float, integer] = [flopsOf(cell), integerOpsOf(cell)];
  return float === null || integer === null ? null : float + integer;
}

/** Mean time of the search alone, in ms. */
export function searchMsOf(cell: Cell): number | null {
  return cell.latency?.search.mean_ms ?? null;
}

/** The median of some times, in ms; null where they are too few. */
export function medianOf({ percentiles }: Distribution): number | null {
  return percentiles.find(({ percent }) => percent === 50)?.ms ?? null;
}
