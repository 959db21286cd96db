import { matchesGlob } from "node:path";
import { checkFigure, FIGURE_NAMES, figureOf } from "../../../eval/gate.ts";
import { formatMeasure, parseMeasure } from "../../../eval/metrics/measure.ts";
import type { Cell } from "../../../eval/results/schema.ts";
import { badInput, quote } from "../../../support/errors.ts";
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
 * Refuses expectations that mean no cell of a configuration: they would hold whatever is measured.
 *
 * @param planned all cells, also those that `--only` leaves out
 * @throws {LatebenchError} naming the expectation, before anything runs
 */
export function checkGlobs(file: string, expected: readonly Expectation[], planned: readonly PlannedCell[]): void {
  expected.forEach(({ cells: glob }, i) => {
    if (planned.some((cell) => matchesCell(cell, glob))) return;
    const known = planned.map(({ name }) => name).join(" ");
    throw badInput(
      file,
      `expect.${i}.cells: ${quote(glob)}, which means no cell`,
      `a glob that means some of ${known}`,
    );
  });
}

/**
 * Compares figures with what is expected of them. A cell without the figure breaks its expectation; so does one that failed, and
 * an expectation whose topic sets are none of those that were measured.
 */
export function checkExpectations(expected: readonly Expectation[], run: readonly RunCell[]): GateReport {
  const broken: string[] = [];
  let checked = 0;
  for (const { cells: glob, topics = "*", figure, ...limits } of expected) {
    const name = FIGURE_NAMES.includes(figure) ? figure : formatMeasure(parseMeasure(figure));
    const meant = run.filter(({ planned }) => matchesCell(planned, glob));
    const before = checked + broken.length;
    for (const { planned, cells } of meant) {
      if (cells.length === 0) broken.push(`${planned.name}: ${name} was expected, but the cell failed`);
      for (const cell of cells.filter((cell) => matchesGlob(cell.topics, topics))) {
        checked++;
        const found = figureOf(cell, name);
        const wrong = found === null ? "not measured" : checkFigure(found, limits);
        if (wrong !== null) broken.push(`${planned.name}, ${cell.topics}: ${name} is ${wrong}`);
      }
    }
    const unmet = meant.length > 0 && checked + broken.length === before;
    if (unmet) broken.push(`${glob}: ${name} was expected, but none of its topic sets is ${topics}`);
  }
  return { checked, broken };
}
