import type { Qrels } from "../../datasets/dataset.ts";
import { badInput } from "../../support/errors.ts";
import { type JudgedRanking, judgeRanking } from "../metrics/judged_ranking.ts";
import { sortRanking } from "../metrics/order.ts";
import type { Judgements } from "./evaluate.ts";

/**
 * Plain qrels.
 *
 * @throws {LatebenchError} exit code 2 where all judgements of a query are negative: trec_eval stops there
 */
export function rankingJudgements(qrels: Qrels): Judgements<JudgedRanking> {
  return {
    queries: [...qrels.keys()],
    view(qid, ranking, { version, maxRetrieved, judgedOnly }) {
      const grades = qrels.get(qid)!;
      if ([...grades.values()].every((grade) => grade < 0)) {
        throw badInput("qrels", `only negative judgements for query ${qid}`, "a judged passage");
      }
      const sorted = sortRanking(ranking, version === 9 ? "trec_eval@9" : "trec_eval@10");
      return judgeRanking(sorted.map(({ id }) => id), grades, { depth: maxRetrieved, judgedOnly });
    },
    relevant: (qid, rel) => [...qrels.get(qid)!.values()].filter((grade) => grade >= rel).length,
  };
}
