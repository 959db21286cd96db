import type { RankedPassage } from "../../datasets/dataset.ts";
import { type JudgedRanking, judgeRanking } from "./judged_ranking.ts";
import { type RankOrder, roundingOf, sortRanking } from "./order.ts";

/** A judged ranking with its scores, rounded as its order compares them: equal ones tie. */
export interface ScoredRanking extends JudgedRanking {
  /** Score at each rank, best first. */
  readonly scores: ArrayLike<number>;
}

/** Orders one query's ranking and looks up its judgements. */
export function scoredRanking(
  ranking: readonly RankedPassage[],
  judgements: ReadonlyMap<string, number>,
  order: RankOrder,
): ScoredRanking {
  const sorted = sortRanking(ranking, order);
  const round = roundingOf(order);
  return { ...judgeRanking(sorted.map(({ id }) => id), judgements), scores: sorted.map(({ score }) => round(score)) };
}
