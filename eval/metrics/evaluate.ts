import type { Qrels, Run } from "../../datasets/dataset.ts";
import { definitionOf } from "./definitions.ts";
import { formatMeasure, type Measure } from "./measure.ts";
import { orderRanking, type RankOrder } from "./order.ts";
import { scoreQuery } from "./query_score.ts";

/** The values of some measures over a set of queries. */
export interface Evaluation {
  /** Mean over all judged queries, by measure; counts (NumRet, NumRel, NumQ) are sums. */
  readonly mean: Readonly<Record<string, number>>;
  /** Value of each judged query, by query and measure. */
  readonly perQuery: ReadonlyMap<string, Readonly<Record<string, number>>>;
  /** Judged queries that the run does not rank: they count 0. */
  readonly missing: readonly string[];
  /** Queries of the run without judgements: they do not count. */
  readonly extra: readonly string[];
}

/**
 * Evaluates a run. The denominator is always all judged queries: a query that the run does not rank counts 0
 * (`trec_eval -c`), a query without judgements does not count.
 */
export function evaluateRun(run: Run, qrels: Qrels, measures: readonly Measure[], order: RankOrder): Evaluation {
  const names = measures.map(formatMeasure);
  const perQuery = new Map<string, Record<string, number>>();
  const missing: string[] = [];
  const sums = measures.map(() => 0);
  for (const [qid, grades] of qrels) {
    const ranking = run.get(qid);
    if (!ranking) missing.push(qid);
    const values = scoreQuery(measures, orderRanking(ranking ?? [], order), grades);
    values.forEach((value, m) => sums[m] += value);
    perQuery.set(qid, Object.fromEntries(names.map((name, m) => [name, values[m]])));
  }
  const mean = Object.fromEntries(measures.map((measure, m) => {
    const divisor = definitionOf(measure).over === "sum" ? 1 : perQuery.size;
    return [names[m], divisor === 0 ? 0 : sums[m] / divisor];
  }));
  return { mean, perQuery, missing, extra: [...run.keys()].filter((qid) => !qrels.has(qid)) };
}
