import { readTrecQrels } from "../datasets/formats/qrels.ts";
import { readMsmarcoRun, readRun } from "../datasets/formats/runs.ts";
import { evaluateRun } from "../eval/metrics/evaluate.ts";
import { formatMeasure, parseMeasures } from "../eval/metrics/measure.ts";
import { describeOrder, RANK_ORDERS } from "../eval/metrics/order.ts";
import { printFixed } from "../eval/metrics/print.ts";
import { badInput, usageError } from "../support/errors.ts";
import { type Command, oneOf, parseCommandLine } from "./command.ts";

/** What trec_eval prints for the mean over all queries. */
const ALL = "all";

/** `deno task metrics`: evaluates a run file. */
export const metricsCommand: Command = {
  name: "metrics",
  summary: "evaluate a run file against judgements",
  usage: `--qrels FILE --run FILE [options]

  -m MEASURES       as ir_measures writes them (default: 'RR@10 R@50 R@200 R@1000 nDCG@10 AP')
  -q                also one line a query
  --compat ORDER    how rankings are ordered: ${
    RANK_ORDERS.join(", ")
  } (default: trec_eval@9; msmarco for MS MARCO runs)
  --json            print JSON

Prints measure, query and value, tab-separated. The denominator is always all judged queries (trec_eval -c).`,
  run(args) {
    const { values } = parseCommandLine(args, {
      options: {
        qrels: { type: "string" },
        run: { type: "string" },
        measures: { type: "string", short: "m", default: "RR@10 R@50 R@200 R@1000 nDCG@10 AP" },
        "per-query": { type: "boolean", short: "q", default: false },
        compat: { type: "string" },
        json: { type: "boolean", default: false },
      },
    });
    if (values.qrels === undefined || values.run === undefined) {
      throw usageError("metrics: --qrels and --run are needed");
    }
    const measures = parseMeasures(values.measures);
    if (measures.length === 0) throw usageError("metrics: -m names no measure");
    const order = values.compat && oneOf("compat", values.compat, RANK_ORDERS);
    const run = order === "msmarco" ? readMsmarcoRun(values.run) : readRun(values.run);
    const qrels = readTrecQrels(values.qrels);
    if (qrels.size === 0) throw badInput(values.qrels, "no judgements", "at least one");
    // Scores of an MS MARCO run are made of ranks, so that no two of a query tie: every order is the same for it.
    const used = order || "trec_eval@9";
    const { mean, perQuery, missing, extra } = evaluateRun(run, qrels, measures, used);
    if (values.json) {
      const queries = values["per-query"] ? { per_query: Object.fromEntries(perQuery) } : {};
      const counts = { judged_queries: qrels.size, missing_queries: missing, extra_queries: extra };
      console.log(JSON.stringify({ order: used, tie_rule: describeOrder(used), ...counts, mean, ...queries }));
      return Promise.resolve(0);
    }
    const names = measures.map(formatMeasure);
    const lines = values["per-query"]
      ? [...perQuery].flatMap(([qid, scores]) => names.map((name) => `${name}\t${qid}\t${printFixed(scores[name])}`))
      : [];
    for (const name of names) lines.push(`${name}\t${ALL}\t${printFixed(mean[name])}`);
    console.log(lines.join("\n"));
    console.error(
      `${qrels.size} judged queries, ${missing.length} of them not ranked (they count 0); ${describeOrder(used)}`,
    );
    return Promise.resolve(0);
  },
};
