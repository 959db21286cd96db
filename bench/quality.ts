import type { Run } from "../datasets/dataset.ts";
import { evaluateRun } from "../eval/metrics/evaluate.ts";
import { formatMeasure } from "../eval/metrics/measure.ts";
import type { LoadedTopics } from "../eval/topics.ts";

/**
 * The official measure of each topic set.
 *
 * @param found passage numbers by query, best first, of one set's queries after the other's
 */
export function qualityOf(
  found: readonly (readonly number[])[],
  topics: readonly LoadedTopics[],
  ids: readonly string[],
): Record<string, number> {
  let first = 0;
  const measures: Record<string, number> = {};
  for (const { queries, qrels, measures: [measure], topics: { name } } of topics) {
    const run: Run = new Map(queries.map(({ id }, q) => {
      return [id, found[first + q].map((number, rank) => ({ id: ids[number], score: -rank }))];
    }));
    first += queries.length;
    if (measure) {
      measures[`${formatMeasure(measure)} ${name}`] = Object.values(evaluateRun(run, qrels, [measure], "run").mean)[0];
    }
  }
  return measures;
}
