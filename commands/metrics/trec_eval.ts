import { readTrecQrels } from "../../datasets/formats/qrels.ts";
import { readRunTag, readTrecRun } from "../../datasets/formats/runs.ts";
import { trecEval, type TrecEvalOptions } from "../../eval/trec_eval/evaluate.ts";
import type { Requests } from "../../eval/trec_eval/requests.ts";
import { readZscores } from "../../eval/trec_eval/zscores.ts";
import { usageError } from "../../support/errors.ts";
import { positiveNumber } from "../command.ts";

/** trec_eval's own options, as the command line gives them. */
export interface TrecEvalFlags {
  readonly "per-query": boolean;
  readonly "no-summary": boolean;
  readonly complete: boolean;
  readonly "judged-only": boolean;
  readonly level?: string;
  readonly max?: string;
  readonly collection?: string;
  readonly zscores?: string;
}

/** `deno task metrics --compat trec_eval@9|10`: prints what trec_eval would print. */
export function printTrecEval(
  qrels: string,
  run: string,
  requests: Requests,
  version: 9 | 10,
  flags: TrecEvalFlags,
): void {
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
  const rankings = readTrecRun(run, { extraColumns: true });
  const lines = trecEval(readTrecQrels(qrels), rankings, readRunTag(run), requests, options);
  console.log([...lines].join("\n"));
  console.error(
    `trec_eval ${version} semantics, ${options.complete ? "all judged queries" : "queries both judged and ranked"}`,
  );
}

function wholeNumber(option: string, value: string): number {
  if (!/^\d+$/.test(value)) throw usageError(`--${option} ${value}: a whole number is needed`);
  return Number(value);
}
