import { definitionOf } from "./definitions.ts";
import type { JudgedRanking } from "./judged_ranking.ts";
import type { Measure } from "./measure.ts";

/** The values of some measures for one query. */
export function scoreQuery(measures: readonly Measure[], ranking: JudgedRanking): number[] {
  let judged: JudgedRanking | undefined;
  return measures.map((measure) => {
    if (!measure.judged_only) return definitionOf(measure).score(ranking, measure);
    judged ??= { ...ranking, grades: ranking.grades.filter((grade) => grade >= 0) };
    return definitionOf(measure).score(judged, measure);
  });
}
