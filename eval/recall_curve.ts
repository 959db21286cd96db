import type { Qrels, Run } from "../datasets/dataset.ts";
import { evaluateRun } from "./metrics/evaluate.ts";
import { atLevel, officialLevel } from "./metrics/level.ts";
import { formatMeasure, type Measure } from "./metrics/measure.ts";
import type { RankOrder } from "./metrics/order.ts";
import type { Cell } from "./results/schema.ts";
import { describe, meanInterval } from "./significance/t_test.ts";

/** Depths of the curve, as far as a ranking goes. */
const DEPTHS = [1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500, 1000, 2000, 5000, 10_000];

/**
 * Recall against depth: the share of a query's relevant passages that its first so many hold.
 *
 * @param official measures of the topic set: the strictest of their relevance levels is the curve's
 * @param depth passages of each ranking that were asked for
 * @returns null without judgements
 */
export function recallCurve(
  run: Run,
  qrels: Qrels,
  official: readonly Measure[],
  order: RankOrder,
  depth: number,
): Cell["recall_curve"] {
  if (qrels.size === 0) return null;
  const level = officialLevel(official);
  const depths = DEPTHS.filter((cutoff) => cutoff <= depth);
  const measures = depths.map((cutoff): Measure => atLevel({ name: "R", cutoff }, level));
  const { perQuery } = evaluateRun(run, qrels, measures, order);
  const points = measures.map((measure, m) => {
    const sample = describe([...perQuery.values()].map((values) => values[formatMeasure(measure)]));
    const [low, high] = meanInterval(sample);
    return { depth: depths[m], mean: sample.mean, low: Math.max(low, 0), high: Math.min(high, 1) };
  });
  return { level, points };
}
