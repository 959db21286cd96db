import { definitionOf } from "./definitions.ts";
import { judgeRanking } from "./judged_ranking.ts";
import type { Measure } from "./measure.ts";

/**
 * The values of some measures for one query.
 *
 * @param ranking passage ids, best first, each at most once
 * @param grades the query's judgements; a passage that is not among them is not relevant
 */
export function scoreQuery(
  measures: readonly Measure[],
  ranking: readonly string[],
  grades: ReadonlyMap<string, number>,
): number[] {
  const whole = judgeRanking(ranking, grades);
  const judgedOnly = { ...whole, grades: whole.grades.filter((grade) => grade >= 0) };
  return measures.map((measure) => definitionOf(measure).score(measure.judged_only ? judgedOnly : whole, measure));
}
