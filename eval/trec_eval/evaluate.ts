import type { RankedPassage, Run } from "../../datasets/dataset.ts";
import { badInput } from "../../support/errors.ts";
import { compareBytes } from "../metrics/order.ts";
import { printFixed } from "../metrics/print.ts";
import { type MeasureContext, MIN_GEOMETRIC } from "./measure.ts";
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

/** Judgements in one of trec_eval's formats, and how measures see a ranking through them. */
export interface Judgements<View> {
  /** Judged queries. */
  readonly queries: readonly string[];
  /** What measures see of a query; `ranking` is in the order of the file. */
  view(qid: string, ranking: readonly RankedPassage[], options: TrecEvalOptions): View;
  /** Relevant passages of a query. */
  relevant(qid: string, rel: number): number;
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
export function* trecEval<View>(
  judgements: Judgements<View>,
  run: Run,
  runId: string,
  { measures, runid, numQ }: Requests<View>,
  options: TrecEvalOptions,
): Generator<string> {
  const judged = [...judgements.queries].sort(compareBytes);
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
    const view = judgements.view(qid, ranking ?? NO_RANKING, options);
    for (const [m, request] of measures.entries()) {
      const raw = request.measure.values(view, request.parameters, options);
      const shown = ranking ? raw : raw.map((value) => forMissing(request.measure.name, value));
      const values = shown.map((value, i) => zscore(value, qid, request.names[i], options));
      values.forEach((value, i) => sums[m][i] += value);
      if (options.perQuery) yield* printQuery(request, values, qid, ranking ? view : null, options);
    }
  }
  if (!options.summary) return;
  if (runid) yield line("runid", "all", runId);
  if (numQ) yield valueLine("num_q", "all", complete ? judged.length : queries.length, true, options);
  const unranked = version === 9 && complete ? missing : [];
  const relevant = unranked.reduce((sum, qid) => sum + judgements.relevant(qid, options.rel), 0);
  for (const [m, request] of measures.entries()) {
    yield* printSummary(request, sums[m], queries.length, { count: unranked.length, relevant }, options);
  }
}

/** What version 10 takes for the ranking of a query that the run lacks: one passage that nobody judged. */
const NO_RANKING: readonly RankedPassage[] = [{ id: "\0", score: 1 }];

/** … and what it clears afterwards, because that passage would show. */
function forMissing(name: string, value: number): number {
  return ["num_ret", "utility", "rbp_resid", "unj"].includes(name) ? 0 : value;
}

function zscore(value: number, qid: string, name: string, { zscores }: TrecEvalOptions): number {
  if (!zscores) return value;
  const known = zscores.get(qid)?.get(name);
  if (!known) return MISSING_ZSCORE;
  const [mean, deviation] = known;
  if (deviation === 0) return value === mean ? 0 : MISSING_ZSCORE;
  return (value - mean) / deviation;
}

function* printQuery<View>(
  { measure, names, parameters }: MeasureRequest<View>,
  values: readonly number[],
  qid: string,
  view: View | null,
  options: TrecEvalOptions,
): Generator<string> {
  if (measure.text) yield line(names[0], qid, `'${view === null ? "" : measure.text(view, parameters)}'`);
  if (measure.over !== "mean" && measure.over !== "sum") return;
  for (const [i, value] of values.entries()) yield valueLine(names[i], qid, value, measure.over === "sum", options);
}

function* printSummary<View>(
  { measure, names }: MeasureRequest<View>,
  sums: readonly number[],
  evaluated: number,
  unranked: { readonly count: number; readonly relevant: number },
  options: TrecEvalOptions,
): Generator<string> {
  const count = evaluated + unranked.count;
  for (const [i, sum] of sums.entries()) {
    switch (measure.over) {
      case "none":
        break;
      case "mean":
        yield valueLine(names[i], "all", sum / count, false, options);
        break;
      case "geometric": {
        const mean = Math.exp((sum + unranked.count * Math.log(MIN_GEOMETRIC)) / count);
        yield valueLine(names[i], "all", mean, false, options);
        break;
      }
      case "sum": {
        // Version 9 counts the relevant passages of the queries that it averages over, ranked or not.
        const total = measure.name === "num_rel" ? sum + unranked.relevant : sum;
        yield valueLine(names[i], "all", total, true, options);
      }
    }
  }
}

function valueLine(name: string, qid: string, value: number, whole: boolean, { zscores }: TrecEvalOptions): string {
  if (zscores) return `Z${line(name, qid, printFixed(value).padStart(6))}`;
  return line(name, qid, whole ? String(Math.trunc(value)) : printFixed(value).padStart(6));
}

function line(name: string, qid: string, value: string): string {
  return `${name.padEnd(22)}\t${qid}\t${value}`;
}
