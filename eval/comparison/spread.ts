import type { Cell } from "../results/schema.ts";
import { own } from "../../support/own.ts";

/** How far systems lie apart for one query. */
export interface QuerySpread {
  readonly id: string;
  /** Of each system; 0 where it does not have the query. */
  readonly values: readonly number[];
  /** The best value less the worst. */
  readonly spread: number;
}

/** The queries of a topic set by how much systems differ about them, the widest gap first; ties in the queries' order. */
export function queriesBySpread(cells: readonly Cell[], measure: string): QuerySpread[] {
  const byId = cells.map(({ queries }) =>
    new Map(queries.map(({ id, measures }) => [id, own(measures, measure) ?? 0]))
  );
  return cells[0].queries.map(({ id }) => {
    const values = byId.map((known) => known.get(id) ?? 0);
    return { id, values, spread: Math.max(...values) - Math.min(...values) };
  }).sort((a, b) => b.spread - a.spread);
}
