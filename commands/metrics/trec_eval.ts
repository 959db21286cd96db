import type { Run } from "../../datasets/dataset.ts";
import { readQrels } from "../../datasets/formats/qrels.ts";
import { readRunHead } from "../../datasets/formats/runs/metadata.ts";
import { trecEvalReading } from "../../datasets/formats/runs/reading.ts";
import { readRun } from "../../datasets/formats/runs/read.ts";
import { type Judgements, trecEval, type TrecEvalOptions } from "../../eval/trec_eval/evaluate.ts";
import { GROUP_MEASURES, GROUP_SETS, readGroupedQrels } from "../../eval/trec_eval/group_measures.ts";
import { PREFERENCE_MEASURES, PREFERENCE_SETS } from "../../eval/trec_eval/preference_measures.ts";
import { readPreferences } from "../../eval/trec_eval/preferences.ts";
import { rankingJudgements } from "../../eval/trec_eval/ranking_judgements.ts";
import { rankingMeasures, rankingSets } from "../../eval/trec_eval/ranking_measures.ts";
import { type Catalogue, readRequests } from "../../eval/trec_eval/requests.ts";
import { readZscores } from "../../eval/trec_eval/zscores.ts";
import { oneOf, positiveNumber, wholeNumber } from "../command.ts";

/** trec_eval's own options, as the command line gives them. */
export interface TrecEvalFlags {
  readonly measures: readonly string[];
  readonly "per-query": boolean;
  readonly "no-summary": boolean;
  readonly complete: boolean;
  readonly "judged-only": boolean;
  readonly level?: string;
  readonly max?: string;
  readonly collection?: string;
  readonly zscores?: string;
  readonly "rel-format": string;
}

/** `deno task metrics --compat trec_eval@9|10`: prints what trec_eval would print. */
export function printTrecEval(qrels: string, run: string, version: 9 | 10, flags: TrecEvalFlags): void {
  const options: TrecEvalOptions = {
    version,
    rel: wholeNumber("level", flags.level ?? "1"),
    collectionSize: wholeNumber("collection", flags.collection ?? "0"),
    perQuery: flags["per-query"],
    summary: !flags["no-summary"],
    complete: flags.complete,
    judgedOnly: flags["judged-only"],
    maxRetrieved: flags.max === undefined ? Infinity : positiveNumber("max", flags.max),
    zscores: flags.zscores === undefined ? null : readZscores(flags.zscores),
  };
  const { tag } = readRunHead(run);
  const reading = trecEvalReading(version);
  const print = <View>(catalogue: Catalogue<View>, judgements: () => Judgements<View>) => {
    const requests = readRequests(flags.measures, catalogue);
    const rankings: Run = readRun(run, reading);
    console.log([...trecEval(judgements(), rankings, tag, requests, options)].join("\n"));
  };
  const format = oneOf("rel-format", flags["rel-format"], ["qrels", "prefs", "qrels_prefs", "qrels_jg"]);
  switch (format) {
    case "qrels": {
      const catalogue = { measures: rankingMeasures(version), sets: rankingSets(version) };
      print(catalogue, () => rankingJudgements(readQrels(qrels, reading)));
      break;
    }
    case "qrels_jg":
      print({ measures: GROUP_MEASURES, sets: GROUP_SETS }, () => readGroupedQrels(qrels));
      break;
    default:
      print({ measures: PREFERENCE_MEASURES, sets: PREFERENCE_SETS }, () => readPreferences(qrels, format));
  }
  const queries = options.complete ? "all judged queries" : "queries both judged and ranked";
  console.error(`as trec_eval ${version} has it; mean over ${queries}`);
}
