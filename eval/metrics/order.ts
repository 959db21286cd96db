import type { RankedPassage } from "../../datasets/dataset.ts";

/**
 * How a ranking is ordered before it is measured:
 * - `run`: as it stands, for rankings that already are score descending, then passage order ascending;
 * - `trec_eval@9`: by score as float32, ties by passage id descending (byte order); the rank column is ignored;
 * - `trec_eval@10`: the same with scores as float64;
 * - `msmarco`: by the rank column.
 */
export type RankOrder = "run" | "trec_eval@9" | "trec_eval@10" | "msmarco";

/** Known orders. */
export const RANK_ORDERS: readonly RankOrder[] = ["run", "trec_eval@9", "trec_eval@10", "msmarco"];

/** The rule in one line, for the foot of every table. */
export function describeOrder(order: RankOrder): string {
  switch (order) {
    case "run":
      return "score descending, ties in passage order";
    case "trec_eval@9":
      return "trec_eval 9: float32 score descending, ties by passage id descending";
    case "trec_eval@10":
      return "trec_eval 10: float64 score descending, ties by passage id descending";
    case "msmarco":
      return "rank column";
  }
}

/** How scores are rounded before they are compared. */
export function roundingOf(order: RankOrder): (score: number) => number {
  return order === "trec_eval@9" ? Math.fround : (score) => score;
}

/** A ranking, best first. A reader by rank makes scores of ranks, so `msmarco` orders by score too. */
export function sortRanking(ranking: readonly RankedPassage[], order: RankOrder): readonly RankedPassage[] {
  if (order === "run") return ranking;
  const round = roundingOf(order);
  const ids = order === "msmarco" ? () => 0 : (a: string, b: string) => compareBytes(b, a);
  return [...ranking].sort((a, b) => round(b.score) - round(a.score) || ids(a.id, b.id));
}

/** Byte order of UTF-8, as `strcmp` has it: code point order. JavaScript's own differs for characters beyond U+FFFF. */
export function compareBytes(a: string, b: string): number {
  if (a === b) return 0;
  for (let i = 0; i < a.length && i < b.length;) {
    const x = a.codePointAt(i)!;
    const y = b.codePointAt(i)!;
    if (x !== y) return x - y;
    i += x > 0xffff ? 2 : 1;
  }
  return a.length - b.length;
}
