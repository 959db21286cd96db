import type { Qrels } from "../../datasets/dataset.ts";
import { readRankings } from "../../datasets/formats/runs/read.ts";
import type { RunReading } from "../../datasets/formats/runs/reading.ts";
import {
  type EvaluateOptions,
  type Evaluation,
  type RankingScore,
  scoreRanking,
  summarise,
} from "../metrics/evaluate.ts";
import { checkGrades } from "../metrics/grades.ts";
import type { Measure } from "../metrics/measure.ts";
import type { RankOrder } from "../metrics/order.ts";
import { scoredRows } from "./scored_rows.ts";

/**
 * Evaluates a run file without holding it: one query at a time is in memory. The values are those of {@link evaluateRun}.
 *
 * @throws {LatebenchError} as {@link readRankings} and {@link checkGrades}
 */
export function evaluateRunFile(
  file: string,
  qrels: Qrels,
  measures: readonly Measure[],
  order: RankOrder,
  { reading, ...options }: EvaluateOptions & { readonly reading?: RunReading } = {},
): Evaluation {
  checkGrades(qrels, measures);
  const scores = new Map<string, RankingScore>();
  const ranked = new Set<string>();
  for (const rows of readRankings(file, { by: order === "msmarco" ? "rank" : "score", ...reading })) {
    const grades = qrels.get(rows.qid);
    ranked.add(rows.qid);
    if (grades) scores.set(rows.qid, scoreRanking(measures, scoredRows(rows, grades, order), options));
  }
  return summarise(scores, [...ranked], qrels, measures, options);
}
