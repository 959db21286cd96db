import type { RankedRows } from "../../../datasets/formats/runs/ranked_rows.ts";
import { scoredRows } from "../scored_rows.ts";

/** What lint needs to know of one query's ranking. */
export interface QueryFacts {
  readonly qid: string;
  /** Line of its first row; 0 in JSON. */
  readonly line: number;
  readonly depth: number;
  /** Of the cut-offs that were asked for, those with equal scores on both sides. */
  readonly tiedAt: readonly number[];
  /** The same with scores rounded to float32, as trec_eval 9 has them. */
  readonly tiedAtFloat32: readonly number[];
  /** Whether all scores are equal (and there is more than one). */
  readonly constant: boolean;
  /** Judged passages among the first ten; null where the query has no judgements. */
  readonly judgedInTen: number | null;
  /** Two passage ids that are the same number, where there are such. */
  readonly collision: readonly [string, string] | null;
  /** Whether the query ranks a passage whose id is the query's own. */
  readonly ranksItself: boolean;
}

/** Looks at one query's rows. */
export function queryFacts(
  rows: RankedRows,
  judgements: ReadonlyMap<string, number> | undefined,
  cutoffs: readonly number[],
): QueryFacts {
  const { scores, grades } = scoredRows(rows, judgements ?? new Map(), "trec_eval@10");
  const tied = (round: (score: number) => number) =>
    cutoffs.filter((k) => k < scores.length && round(scores[k - 1]) === round(scores[k]));
  const ids = Array.from({ length: rows.size }, (_, row) => rows.id(row));
  return {
    qid: rows.qid,
    line: rows.line,
    depth: rows.size,
    tiedAt: tied((score) => score),
    tiedAtFloat32: tied(Math.fround),
    constant: scores.length > 1 && scores[0] === scores[scores.length - 1],
    judgedInTen: judgements ? grades.slice(0, 10).filter((grade) => grade !== -1).length : null,
    collision: findCollision(ids),
    ranksItself: ids.includes(rows.qid),
  };
}

/**
 * Ids that tools which read ids as numbers take for one: `7` and `007`, or numbers beyond 2^53. Only these can collide, so that
 * most rankings need no table.
 */
export function findCollision(ids: readonly string[]): readonly [string, string] | null {
  if (!ids.some((id) => /^\d+$/.test(id) && (id.length > 15 || (id.length > 1 && id.startsWith("0"))))) return null;
  const byNumber = new Map<number, string>();
  for (const id of ids) {
    if (!/^\d+$/.test(id)) continue;
    const other = byNumber.get(Number(id));
    if (other !== undefined) return [other, id];
    byNumber.set(Number(id), id);
  }
  return null;
}
