import type { Qrels } from "../../datasets/dataset.ts";
import { badInput, quote } from "../../support/errors.ts";
import { formatMeasure, type Measure } from "./measure.ts";

/** The largest grade that measures take: 2^grade, summed over all passages of a collection, stays a finite float64. */
export const MAX_GRADE = 1000;

/** ERR's highest grade where `max_rel` is not given, as gdeval has it. */
export const DEFAULT_MAX_REL = 4;

/**
 * Refuses grades with which a measure means nothing: no whole numbers, above {@link MAX_GRADE}, and for ERR above `max_rel`, where
 * a passage would satisfy with a probability above 1.
 *
 * @throws {LatebenchError} naming query, passage, measure and grade
 */
export function checkGrades(qrels: Qrels, measures: readonly Measure[]): void {
  let highest = { qid: "", pid: "", grade: -Infinity };
  for (const [qid, grades] of qrels) {
    for (const [pid, grade] of grades) {
      if (!Number.isInteger(grade) || grade > MAX_GRADE) {
        throw badInput(
          `query ${quote(qid)}, passage ${quote(pid)}`,
          `grade ${grade}`,
          `a whole number up to ${MAX_GRADE}`,
        );
      }
      if (grade > highest.grade) highest = { qid, pid, grade };
    }
  }
  const { qid, pid, grade } = highest;
  for (const measure of measures) {
    const top = measure.max_rel ?? DEFAULT_MAX_REL;
    if (measure.name !== "ERR" || grade <= top) continue;
    const wider = formatMeasure({ ...measure, max_rel: grade });
    throw badInput(
      `${formatMeasure(measure)}, query ${quote(qid)}, passage ${quote(pid)}`,
      `grade ${grade}`,
      `grades up to max_rel=${top} (${wider} takes these)`,
    );
  }
}
