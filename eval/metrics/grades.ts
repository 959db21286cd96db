import type { Qrels } from "../../datasets/dataset.ts";
import { MAX_GRADE } from "../../datasets/formats/qrels.ts";
import { badInput, quote } from "../../support/errors.ts";
import { DEFAULT_MAX_REL } from "./definitions.ts";
import { formatMeasure, type Measure } from "./measure.ts";

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
