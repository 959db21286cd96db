import type { RankedPassage } from "../../datasets/dataset.ts";
import { badInput, quote } from "../../support/errors.ts";
import { readLines } from "../../support/lines.ts";
import { averagePrecision, precision, rPrecision } from "../metrics/formulas/binary.ts";
import type { JudgedRanking } from "../metrics/judged_ranking.ts";
import type { Judgements } from "./evaluate.ts";
import type { TrecEvalMeasure } from "./measure.ts";
import { rankingJudgements } from "./ranking_judgements.ts";
import { rankingMeasures } from "./ranking_measures.ts";

/** One view for each judgement group. */
type GroupView = readonly JudgedRanking[];

/**
 * Reads qrels of several judges (`-R qrels_jg`): `qid group pid grade`. Each group is a set of judgements of its own.
 *
 * @throws {LatebenchError} with the line number for anything else
 */
export function readGroupedQrels(file: string): Judgements<GroupView> {
  const queries = new Map<string, Map<string, Map<string, number>>>();
  for (const { number, text } of readLines(file)) {
    if (text.trim() === "") continue;
    const [qid, group, pid, grade, ...rest] = text.trim().split(/\s+/);
    if (grade === undefined || rest.length > 0 || !/^[+-]?\d+$/.test(grade)) {
      throw badInput({ file, line: number }, quote(text), "qid, group, pid, grade");
    }
    if (!queries.has(qid)) queries.set(qid, new Map());
    const groups = queries.get(qid)!;
    if (!groups.has(group)) groups.set(group, new Map());
    groups.get(group)!.set(pid, Number(grade));
  }
  return {
    queries: [...queries.keys()],
    view: (qid, ranking: readonly RankedPassage[], options) =>
      [...queries.get(qid)!.values()].map((grades) =>
        rankingJudgements(new Map([[qid, grades]])).view(qid, ranking, options)
      ),
    relevant: () => 0, // num_rel is not among the measures of this format
  };
}

/** Measures of which each value is the mean over a query's judgement groups. */
const AVERAGED = { map: averagePrecision, P: precision, Rprec_mult: rPrecision };

/** Measures over judgement groups, in the order in which trec_eval prints them. */
export const GROUP_MEASURES: readonly TrecEvalMeasure<GroupView>[] = Object.entries(AVERAGED).map(([name, formula]) => {
  const { parameters, defaults } = rankingMeasures(9).find((measure) => measure.name === name)!;
  const mean = (view: GroupView, rel: number, value?: number) =>
    view.reduce((sum, ranking) => sum + formula(ranking, rel, value as number), 0) / view.length;
  return {
    name: `${name}_avgjg`,
    parameters,
    defaults,
    over: "mean",
    values: (view, { numbers }, { rel }) =>
      parameters === "none" ? [mean(view, rel)] : numbers.map((value) => mean(view, rel, value)),
  };
});

/** Names of the sets of these measures that `-m` takes. */
export const GROUP_SETS: Readonly<Record<string, readonly string[]>> = {
  qrels_jg: GROUP_MEASURES.map(({ name }) => name),
};
