import { matchesGlob } from "node:path";
import { checkFigure, FIGURE_NAMES, figureOf } from "../../../eval/gate.ts";
import { formatMeasure, parseMeasure } from "../../../eval/metrics/measure.ts";
import type { Cell } from "../../../eval/results/schema.ts";
import { matchesCell, type PlannedCell } from "./plan.ts";
import type { Expectation } from "./read_config.ts";

/** A cell that was planned, and what was measured for it: one for each topic set, none where it failed. */
export interface RunCell {
  readonly planned: PlannedCell;
  readonly cells: readonly Cell[];
}

/** What came of all expectations. */
export interface GateReport {
  readonly checked: number;
  /** One line for each that does not hold. */
  readonly broken: readonly string[];
}

/**
 * Compares figures with what is expected of them. A cell without the figure breaks its expectation; so does one that failed, and a glob of
 * topic sets that means none of those of the cells.
 */
export function checkExpectations(expected: readonly Expectation[], run: readonly RunCell[]): GateReport {
  const broken: string[] = [];
  let checked = 0;
  for (const { cells: glob, topics = "*", figure, ...limits } of expected) {
    const name = FIGURE_NAMES.includes(figure) ? figure : formatMeasure(parseMeasure(figure));
    const own = run.filter(({ planned }) => matchesCell(planned, glob)).flatMap(({ cells }) => cells);
    if (own.length > 0 && !own.some((cell) => matchesGlob(cell.topics, topics))) {
      broken.push(`${glob}: ${name} was expected on ${topics}, but there is no such topic set`);
    }
    for (const { planned, cells } of run.filter(({ planned }) => matchesCell(planned, glob))) {
      if (cells.length === 0) broken.push(`${planned.name}: ${name} was expected, but the cell failed`);
      for (const cell of cells.filter((cell) => matchesGlob(cell.topics, topics))) {
        checked++;
        const found = figureOf(cell, name);
        const wrong = found === null ? "not measured" : checkFigure(found, limits);
        if (wrong !== null) broken.push(`${planned.name}, ${cell.topics}: ${name} is ${wrong}`);
      }
    }
  }
  return { checked, broken };
}
