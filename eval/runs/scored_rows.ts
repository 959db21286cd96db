import { hashBytes, type RankedRows } from "../../datasets/formats/runs/ranked_rows.ts";
import { judgeRanking, NOT_POOLED, seenGrade } from "../metrics/judged_ranking.ts";
import type { RankOrder } from "../metrics/order.ts";
import type { ScoredRanking } from "../metrics/scored_ranking.ts";

/**
 * Orders one query's rows of a run file and looks up their judgements: what {@link scoredRanking} does, without making a string of
 * every passage id.
 */
export function scoredRows(
  rows: RankedRows,
  judgements: ReadonlyMap<string, number>,
  order: RankOrder,
): ScoredRanking {
  const exact = rows.scores.slice(0, rows.size);
  const scores = order === "trec_eval@9" ? new Float32Array(exact) : exact; // roundingOf, for all at once
  const { levels } = judgeRanking([], judgements);
  const gradeOf = gradeReader(rows, judgements);
  const byId = order === "trec_eval@9" || order === "trec_eval@10";
  if (order === "run" || isOrdered(rows, scores, byId)) {
    const grades: number[] = [];
    for (let row = 0; row < rows.size; row++) grades.push(gradeOf(row));
    return { scores, grades, levels };
  }
  const sorted = Array.from(scores, (_, row) => row).sort((a, b) =>
    scores[b] - scores[a] || (byId ? rows.compareIds(b, a) : 0)
  );
  return { scores: sorted.map((row) => scores[row]), grades: sorted.map(gradeOf), levels };
}

/** Whether the rows stand as they should: most files do, and need no sorting. */
function isOrdered(rows: RankedRows, scores: ArrayLike<number>, byId: boolean): boolean {
  for (let row = 1; row < scores.length; row++) {
    if (scores[row] > scores[row - 1]) return false;
    if (byId && scores[row] === scores[row - 1] && rows.compareIds(row - 1, row) < 0) return false;
  }
  return true;
}

/** Looks up grades by the ids' hashes first: only a judged passage's id (or one with the same hash) becomes a string. */
function gradeReader(rows: RankedRows, judgements: ReadonlyMap<string, number>): (row: number) => number {
  const encoder = new TextEncoder();
  const judged = new Set<number>();
  for (const pid of judgements.keys()) judged.add(hashBytes(encoder.encode(pid)));
  return (row) => judged.has(rows.hash(row)) ? seenGrade(judgements.get(rows.id(row))) : NOT_POOLED;
}
