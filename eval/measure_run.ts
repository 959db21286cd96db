import type { Run } from "../datasets/dataset.ts";
import { evaluateRun } from "./metrics/evaluate.ts";
import { atLevel, officialLevel } from "./metrics/level.ts";
import { formatMeasure, type Measure, parseMeasure, uniqueMeasures } from "./metrics/measure.ts";
import { describeOrder, type RankOrder } from "./metrics/order.ts";
import { recallCurve } from "./recall_curve.ts";
import type { Cell } from "./results/schema.ts";
import type { LoadedTopics } from "./topics.ts";

/** What every table shows after a topic set's official measures, at their level of relevance. */
const STANDARD_MEASURES = ["RR@10", "R@50", "R@200", "R@1000", "nDCG@10", "AP"].map(parseMeasure);

/** Passages of each ranking that a result names. */
const TOP = 3;

/** Measures the data set's own candidates as a system: nothing was searched here, so there are no times and costs. */
export function measureCandidates(dataset: string, loaded: LoadedTopics, k: number): Cell | null {
  const { candidates, topics } = loaded;
  if (!candidates || !topics.candidates?.ordered || !topics.qrels) return null;
  return {
    ...measureRun(dataset, loaded, candidates, k, "trec_eval@9", { search: null, withEncoding: null }),
    system: `candidates(${topics.candidates.name})`,
    backend: null,
    options: {},
    kernel: null,
    latency: null,
    stages: [],
    stages_ms: null,
    flops_per_query: null,
    footprint: null,
    build: null,
    survival: null,
    relevant: null,
    candidate_recall: null,
    approximation: null,
    widened_queries: 0,
    run_files: null,
  };
}

/** The part of a cell that rankings and times of queries decide. */
export type Measured = Pick<
  Cell,
  | "dataset"
  | "topics"
  | "depth"
  | "official_measures"
  | "mean"
  | "ties"
  | "judged_queries"
  | "missing_queries"
  | "unjudged_queries"
  | "tie_rule"
  | "recall_curve"
  | "queries"
>;

/**
 * What rankings are worth.
 *
 * @param order how passages are ranked that have equal scores
 * @param times of each query, ms; null where nothing was timed
 */
export function measureRun(
  dataset: string,
  loaded: LoadedTopics,
  run: Run,
  depth: number,
  order: RankOrder,
  times: { search: readonly number[] | null; withEncoding: readonly number[] | null },
): Measured {
  const official = loaded.measures;
  const standard = STANDARD_MEASURES.map((measure) => atLevel(measure, officialLevel(official)));
  const measures: Measure[] = loaded.topics.qrels ? uniqueMeasures([...official, ...standard]) : [];
  const { mean, ties, perQuery, missing } = evaluateRun(run, loaded.qrels, measures, order, { ties: true });
  return {
    dataset,
    topics: loaded.topics.name,
    depth,
    official_measures: official.map(formatMeasure),
    mean: { ...mean },
    ties: { ...ties },
    judged_queries: loaded.qrels.size,
    missing_queries: [...missing],
    unjudged_queries: loaded.others.length,
    tie_rule: describeOrder(order),
    recall_curve: recallCurve(run, loaded.qrels, official, order, depth),
    queries: loaded.queries.map(({ id }, q) => ({
      id,
      measures: { ...perQuery.get(id) },
      search_ms: times.search?.[q] ?? null,
      with_encoding_ms: times.withEncoding?.[q] ?? null,
      top: (run.get(id) ?? []).slice(0, TOP).map((passage) => {
        return { id: passage.id, score: passage.score, grade: loaded.qrels.get(id)?.get(passage.id) ?? null };
      }),
    })),
  };
}
