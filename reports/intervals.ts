import type { Cell } from "../eval/results/schema.ts";
import { describe, meanInterval } from "../eval/significance/t_test.ts";
import { own } from "../support/own.ts";

/** The 95 % t-interval of a cell's mean over its queries. */
export function intervalOf(cell: Cell, measure: string): readonly [low: number, high: number] {
  return meanInterval(describe(cell.queries.map(({ measures }) => own(measures, measure) ?? 0)));
}
