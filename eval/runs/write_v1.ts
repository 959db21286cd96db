import type { Qrels, RankedPassage } from "../../datasets/dataset.ts";
import { checkId } from "../../datasets/ids.ts";
import { openPacked } from "../../support/compress.ts";

/** What ColBERT v1's ranking files hold. */
export interface V1RankingOptions {
  /** Without an order, every rank is −1 (`unordered.tsv`). */
  readonly ordered: boolean;
  readonly scores: boolean;
  /** Adds a column that says whether the passage is relevant (`ranking.tsv.annotated`). */
  readonly qrels?: Qrels;
}

/**
 * Writes `qid \t pid \t rank [\t score] [\t label]` (`colbert/utils/ranking_logger.py`).
 *
 * @throws {LatebenchError} for an id that would end a column or row
 */
export function writeV1Rankings(
  path: string,
  rankings: Iterable<readonly [qid: string, ranking: readonly RankedPassage[]]>,
  { ordered, scores, qrels }: V1RankingOptions,
): void {
  using file = openPacked(path);
  const encoder = new TextEncoder();
  for (const [qid, ranking] of rankings) {
    checkId(qid, path);
    const rows = ranking.map(({ id, score }, i) => {
      checkId(id, path);
      const columns = [qid, id, ordered ? i + 1 : -1];
      if (scores) columns.push(score);
      if (qrels) columns.push((qrels.get(qid)?.get(id) ?? 0) > 0 ? 1 : 0);
      return `${columns.join("\t")}\n`;
    });
    file.write(encoder.encode(rows.join("")));
  }
  file.commit();
}
