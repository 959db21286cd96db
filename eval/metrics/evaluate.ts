import type { Qrels, Run } from "../../datasets/dataset.ts";
import { definitionOf } from "./definitions.ts";
import { checkGrades } from "./grades.ts";
import { formatMeasure, type Measure } from "./measure.ts";
import type { RankOrder } from "./order.ts";
import { scoreQuery } from "./query_score.ts";
import { type ScoredRanking, scoredRanking } from "./scored_ranking.ts";
import { tiedRanking, type TieRange, tieRange } from "./tie_range.ts";

/** The values of some measures over a set of queries. */
export interface Evaluation {
  /** Mean over all judged queries, by measure; counts (NumRet, NumRel, NumQ) are sums. */
  readonly mean: Readonly<Record<string, number>>;
  /** Range of each mean over all orders of passages with equal scores; null where it was not asked for. */
  readonly ties: Readonly<Record<string, TieRange>> | null;
  /** Value of each judged query, by query and measure. */
  readonly perQuery: ReadonlyMap<string, Readonly<Record<string, number>>>;
  /** Judged queries that the run does not rank: they count 0. */
  readonly missing: readonly string[];
  /** Queries of the run without judgements: they do not count. */
  readonly extra: readonly string[];
}

/** What to find out besides values. */
export interface EvaluateOptions {
  /** Also the ranges over ties. */
  readonly ties?: boolean;
}

/** What one ranking is worth: a value of each measure, and its range over ties. */
export interface RankingScore {
  readonly values: readonly number[];
  readonly ties: readonly TieRange[] | null;
}

/**
 * Evaluates a run. The denominator is always all judged queries: a query that the run does not rank counts 0
 * (`trec_eval -c`), a query without judgements does not count.
 *
 * @throws {LatebenchError} as {@link checkGrades}
 */
export function evaluateRun(
  run: Run,
  qrels: Qrels,
  measures: readonly Measure[],
  order: RankOrder,
  options: EvaluateOptions = {},
): Evaluation {
  checkGrades(qrels, measures);
  const scores = new Map<string, RankingScore>();
  for (const [qid, grades] of qrels) {
    const ranking = run.get(qid);
    if (ranking) scores.set(qid, scoreRanking(measures, scoredRanking(ranking, grades, order), options));
  }
  return summarise(scores, [...run.keys()], qrels, measures, options);
}

/** Measures one ranking. */
export function scoreRanking(
  measures: readonly Measure[],
  ranking: ScoredRanking,
  { ties = false }: EvaluateOptions,
): RankingScore {
  const tied = ties ? tiedRanking(ranking) : null;
  return {
    values: scoreQuery(measures, ranking),
    ties: tied && measures.map((measure) => tieRange(measure, tied)),
  };
}

/**
 * Puts the queries of a run together.
 *
 * @param scores of the queries that are both ranked and judged
 * @param ranked all queries of the run
 */
export function summarise(
  scores: ReadonlyMap<string, RankingScore>,
  ranked: readonly string[],
  qrels: Qrels,
  measures: readonly Measure[],
  options: EvaluateOptions,
): Evaluation {
  const names = measures.map(formatMeasure);
  const missing = [...qrels.keys()].filter((qid) => !scores.has(qid));
  const all = [...qrels].map(([qid, grades]) => {
    return scores.get(qid) ?? scoreRanking(measures, scoredRanking([], grades, "run"), options);
  });
  const over = (measure: Measure, value: (score: RankingScore) => number) => {
    const sum = all.reduce((total, score) => total + value(score), 0);
    return definitionOf(measure).over === "sum" ? sum : sum / Math.max(1, all.length);
  };
  const byName = <T>(of: (measure: Measure, m: number) => T): Record<string, T> =>
    Object.fromEntries(measures.map((measure, m) => [names[m], of(measure, m)]));
  return {
    mean: byName((measure, m) => over(measure, ({ values }) => values[m])),
    // Ties of different queries are independent: the extremes of the mean are the means of the extremes.
    ties: !options.ties ? null : byName((measure, m) => ({
      min: over(measure, ({ ties }) => ties![m].min),
      expected: over(measure, ({ ties }) => ties![m].expected),
      max: over(measure, ({ ties }) => ties![m].max),
      exact: all.every(({ ties }) => ties![m].exact),
    })),
    perQuery: new Map([...qrels.keys()].map((qid, q) => [qid, byName((_, m) => all[q].values[m])])),
    missing,
    extra: ranked.filter((qid) => !qrels.has(qid)),
  };
}
