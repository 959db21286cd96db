import type { Qrels, Run } from "../../datasets/dataset.ts";
import { badInput } from "../../support/errors.ts";
import { type JudgedRanking, judgeRanking, NOT_POOLED, UNJUDGED } from "../metrics/judged_ranking.ts";
import { compareBytes, orderRanking } from "../metrics/order.ts";
import { printFixed } from "../metrics/print.ts";
import { type MeasureContext, MIN_GEOMETRIC } from "./measures.ts";
import type { MeasureRequest, Requests } from "./requests.ts";

/** trec_eval's options, under their letters' meanings. */
export interface TrecEvalOptions extends MeasureContext {
  /** `-q`. */
  readonly perQuery: boolean;
  /** `-n` switches it off. */
  readonly summary: boolean;
  /** `-c`. */
  readonly complete: boolean;
  /** `-J`. */
  readonly judgedOnly: boolean;
  /** `-M`. */
  readonly maxRetrieved: number;
  /** `-Z`: mean and standard deviation by query and measure name. */
  readonly zscores: ReadonlyMap<string, ReadonlyMap<string, readonly [mean: number, deviation: number]>> | null;
}

/** A value that a z-score cannot be made of, as trec_eval prints it. */
const MISSING_ZSCORE = -1000000;

/**
 * Evaluates a run as trec_eval does and prints what trec_eval prints, line for line. Queries come in byte order of their ids.
 *
 * Without `complete`, version 9 averages over the queries that are both judged and ranked, and version 10 fails when a judged
 * query is not ranked. With it, both average over all judged queries; only 10 prints those that the run does not rank.
 *
 * @param runId the tag of the run
 * @throws {LatebenchError} exit code 2 where trec_eval would stop: no query is both judged and ranked, a judged query is missing
 *   (10 without `complete`), or all judgements of a query are negative
 */
export function* trecEval(
  qrels: Qrels,
  run: Run,
  runId: string,
  { measures, runid, numQ }: Requests,
  options: TrecEvalOptions,
): Generator<string> {
  const judged = [...qrels.keys()].sort(compareBytes);
  const missing = judged.filter((qid) => !run.has(qid));
  if (missing.length === judged.length) throw badInput("run", "no query with judgements", "at least one");
  const { version, complete } = options;
  if (version === 10 && !complete && missing.length > 0) {
    throw badInput("run", `no ranking for query ${missing[0]}`, "all judged queries, or -c");
  }
  const sums = measures.map(({ names }) => names.map(() => 0));
  const queries = version === 10 ? judged : judged.filter((qid) => run.has(qid));
  for (const qid of queries) {
    const ranking = run.get(qid);
    const judgements = qrels.get(qid)!;
    if ([...judgements.values()].every((grade) => grade < 0)) {
      throw badInput("qrels", `only negative judgements for query ${qid}`, "a judged passage");
    }
    const ids = ranking && orderRanking(ranking, version === 9 ? "trec_eval@9" : "trec_eval@10");
    const view = ids
      ? judgeRanking(ids, judgements, { depth: options.maxRetrieved, judgedOnly: options.judgedOnly })
      : { ...judgeRanking([], judgements), grades: [NOT_POOLED] };
    for (const [m, request] of measures.entries()) {
      const raw = request.measure.values(view, request.parameters, options);
      const values = raw.map((value, i) =>
        zscore(ids ? value : forMissing(request, value), qid, request.names[i], options)
      );
      values.forEach((value, i) => sums[m][i] += value);
      if (options.perQuery) yield* printQuery(request, values, qid, ids ? view : null, options);
    }
  }
  if (!options.summary) return;
  if (runid) yield line("runid", "all", runId);
  if (numQ) yield valueLine("num_q", "all", complete ? judged.length : queries.length, true, options);
  const unranked = version === 9 && complete ? missing : [];
  for (const [m, request] of measures.entries()) {
    yield* printSummary(request, sums[m], queries.length, unranked, qrels, options);
  }
}

/** Version 10 scores a query that the run lacks as a ranking of one unknown passage, and then clears what this would tell. */
function forMissing({ measure }: MeasureRequest, value: number): number {
  return ["num_ret", "utility", "rbp_resid", "unj"].includes(measure.name) ? 0 : value;
}

function zscore(value: number, qid: string, name: string, { zscores }: TrecEvalOptions): number {
  if (!zscores) return value;
  const known = zscores.get(qid)?.get(name);
  if (!known) return MISSING_ZSCORE;
  const [mean, deviation] = known;
  if (deviation === 0) return value === mean ? 0 : MISSING_ZSCORE;
  return (value - mean) / deviation;
}

function* printQuery(
  { measure, names, parameters }: MeasureRequest,
  values: readonly number[],
  qid: string,
  view: JudgedRanking | null,
  options: TrecEvalOptions,
): Generator<string> {
  if (measure.over === "geometric") return;
  if (measure.over === "none") {
    yield line(names[0], qid, `'${relevanceString(view?.grades.slice(0, Math.max(0, parameters.numbers[0])) ?? [])}'`);
    return;
  }
  for (const [i, value] of values.entries()) yield valueLine(names[i], qid, value, measure.over === "sum", options);
}

/** One character a grade, as `relstring` has it. */
function relevanceString(grades: readonly number[]): string {
  return grades.map((grade) => {
    if (grade === NOT_POOLED) return "-";
    if (grade === UNJUDGED) return ".";
    return grade > 9 ? ">" : String(grade);
  }).join("");
}

function* printSummary(
  { measure, names }: MeasureRequest,
  sums: readonly number[],
  evaluated: number,
  unranked: readonly string[],
  qrels: Qrels,
  options: TrecEvalOptions,
): Generator<string> {
  const count = evaluated + unranked.length;
  for (const [i, sum] of sums.entries()) {
    switch (measure.over) {
      case "none":
        break;
      case "mean":
        yield valueLine(names[i], "all", sum / count, false, options);
        break;
      case "geometric":
        yield valueLine(
          names[i],
          "all",
          Math.exp((sum + unranked.length * Math.log(MIN_GEOMETRIC)) / count),
          false,
          options,
        );
        break;
      case "sum": {
        // Version 9 counts the relevant passages of the queries that it averages over, ranked or not.
        const more = measure.name === "num_rel" ? unranked.map((qid) => qrels.get(qid)!) : [];
        const total = more.reduce((n, judgements) => n + relevantOf(judgements, options.rel), sum);
        yield valueLine(names[i], "all", total, true, options);
      }
    }
  }
}

function relevantOf(judgements: ReadonlyMap<string, number>, rel: number): number {
  return [...judgements.values()].filter((grade) => grade >= rel).length;
}

function valueLine(name: string, qid: string, value: number, whole: boolean, { zscores }: TrecEvalOptions): string {
  if (zscores) return `Z${line(name, qid, printFixed(value).padStart(6))}`;
  return line(name, qid, whole ? String(Math.trunc(value)) : printFixed(value).padStart(6));
}

function line(name: string, qid: string, value: string): string {
  return `${name.padEnd(22)}\t${qid}\t${value}`;
}
