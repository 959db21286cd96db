import { tieWidth } from "../eval/metrics/tie_range.ts";
import type { Cell } from "../eval/results/schema.ts";
import { own } from "../support/own.ts";

/**
 * Whether ties decide a cell's place in a table: its range is wider than the difference to the system next to it, so that another
 * order of tied passages could change their order.
 */
export function tiesDecide(cell: Cell, measure: string, cells: readonly Cell[]): boolean {
  const value = own(cell.mean, measure);
  const width = tieWidth(own(cell.ties, measure));
  if (value === undefined || width === 0) return false;
  return cells.some((other) => {
    const difference = other === cell ? undefined : own(other.mean, measure);
    return difference !== undefined && width > Math.abs(difference - value);
  });
}
