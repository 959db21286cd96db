import { medianOf } from "../results/figures.ts";
import { type Mode, MODES } from "../results/latency_schema.ts";
import type { Cell } from "../results/schema.ts";

/** How far two median times of one cell may lie apart and count as the same. */
export const AGREEMENT = 0.05;

/** The same system on the same queries, timed in two runs. */
export interface Agreement {
  readonly system: string;
  readonly mode: Mode;
  readonly runs: readonly [string, string];
  readonly median_ms: readonly [number, number];
  /** Second by first. */
  readonly ratio: number;
  /** They lie within ±5 % of one another. */
  readonly agrees: boolean;
}

/** A cell, and the run that it is of. */
export interface TimedCell {
  readonly run: string;
  readonly cell: Cell;
}

/** Whether two runs of one machine found the same times for the systems that both have. */
export function timesAgree(cells: readonly TimedCell[]): Agreement[] {
  const groups = Map.groupBy(cells, ({ cell }) => JSON.stringify([cell.system, cell.kernel, cell.depth]));
  return [...groups.values()].flatMap((same) =>
    same.slice(1).flatMap((other) =>
      MODES.flatMap((mode) => {
        const [a, b] = [same[0], other].map(({ cell }) => typicalTime(cell, mode));
        if (a === null || b === null) return [];
        const ratio = b / a;
        const agrees = Math.abs(ratio - 1) <= AGREEMENT;
        return [{
          system: same[0].cell.system,
          mode,
          runs: [same[0].run, other.run],
          median_ms: [a, b],
          ratio,
          agrees,
        }];
      })
    )
  );
}

function typicalTime({ latency }: Cell, mode: Mode): number | null {
  return latency && (latency[mode].median_ms?.value ?? medianOf(latency[mode]));
}
