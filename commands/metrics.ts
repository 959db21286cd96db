import { readQrels } from "../datasets/formats/qrels.ts";
import { describeFaults, FaultLog } from "../datasets/formats/runs/faults.ts";
import { readTsvQueries } from "../datasets/formats/tsv.ts";
import { formatMeasure, parseMeasures } from "../eval/metrics/measure.ts";
import { describeOrder, RANK_ORDERS } from "../eval/metrics/order.ts";
import { printFixed } from "../eval/metrics/print.ts";
import { evaluateRunFile } from "../eval/runs/evaluate_file.ts";
import { badInput, usageError } from "../support/errors.ts";
import { type Command, oneOf, parseCommandLine } from "./command.ts";
import { COMPAT_MODES, printCompatible } from "./metrics/compat.ts";
import { convertCommand } from "./metrics/convert.ts";
import { lintRunCommand } from "./metrics/lint_run.ts";
import { visibleJson, visibleText } from "../support/visible_text.ts";

const DEFAULT_MEASURES = "RR@10 R@50 R@200 R@1000 nDCG@10 AP";

/** What trec_eval prints for the mean over all queries. */
const ALL = "all";

/** `deno task metrics`: evaluates a run file. */
export const metricsCommand: Command = {
  name: "metrics",
  summary: "evaluate a run file against judgements; lint-run looks it over, convert writes it in another form",
  subcommands: [lintRunCommand, convertCommand],
  usage: `--qrels FILE --run FILE [options]

  -m MEASURES       as ir_measures writes them (default: '${DEFAULT_MEASURES}')
  -q                also one line a query
  --order RULE      how rankings are ordered: ${
    RANK_ORDERS.join(", ")
  } (default: trec_eval@9; msmarco for MS MARCO runs)
  --ties            also the least, expected and greatest value over all orders of passages with equal scores
  --queries FILE    queries without judgements that the run may rank (qid, tab, text)
  --lenient         go on where a file is faulty, and say what was dropped; otherwise a duplicate, a score that is no number,
                    ranks out of order or an unknown query is an error
  --json            print JSON

Runs: TREC (six columns), MS MARCO (three), ColBERT (four), JSON; judgements: TREC, JSON; plain, gzip or zstd.
Prints measure, query and value, tab-separated. The denominator is always all judged queries (trec_eval -c).

--compat prints what another tool prints for the same files, byte for byte: msmarco (ms_marco_eval.py),
colbert@v1 and colbert@main (msmarco_passages.py of the branches colbertv1 and main, without the time before each line),
lotte (Success@5; --qrels is a qas.*.jsonl), trec_eval@9 (9.0.8), trec_eval@10 (10.0). For the last two, -m takes
trec_eval's names (official, all_trec, set, map, P.5,10; may be given several times; default: official), and there are its
options:

  -c                average over all judged queries
  -l N              grade from which a passage is relevant (default 1)
  -n                no summary
  -J                only judged passages
  -M N              only the first N passages of a query
  -N N              passages in the collection (for utility)
  -R FORMAT         of --qrels: qrels (default), prefs, qrels_prefs (-m all_prefs, prefs), qrels_jg (-m qrels_jg)
  -Z FILE           print z-scores; the file has: qid, measure, mean, deviation

lint-run and convert have a --help of their own.`,
  run(args) {
    const { values } = parseCommandLine(args, {
      options: {
        qrels: { type: "string" },
        run: { type: "string" },
        measures: { type: "string", short: "m", multiple: true, default: [] },
        "per-query": { type: "boolean", short: "q", default: false },
        order: { type: "string" },
        compat: { type: "string" },
        ties: { type: "boolean", default: false },
        lenient: { type: "boolean", default: false },
        queries: { type: "string" },
        json: { type: "boolean", default: false },
        complete: { type: "boolean", short: "c", default: false },
        level: { type: "string", short: "l" },
        "no-summary": { type: "boolean", short: "n", default: false },
        "judged-only": { type: "boolean", short: "J", default: false },
        max: { type: "string", short: "M" },
        collection: { type: "string", short: "N" },
        zscores: { type: "string", short: "Z" },
        "rel-format": { type: "string", short: "R", default: "qrels" },
      },
    });
    if (values.qrels === undefined || values.run === undefined) {
      throw usageError("metrics: --qrels and --run are needed");
    }
    if (values.compat !== undefined) {
      printCompatible(oneOf("compat", values.compat, COMPAT_MODES), values.qrels, values.run, values);
      return Promise.resolve(0);
    }
    const measures = parseMeasures(values.measures.join(" ") || DEFAULT_MEASURES);
    if (measures.length === 0) throw usageError("metrics: -m names no measure");
    const faults = values.lenient ? new FaultLog() : undefined;
    const qrels = readQrels(values.qrels, { faults });
    if (qrels.size === 0) throw badInput(values.qrels, "no judgements", "at least one");
    // Scores of a run without scores are made of ranks, so that no two of a query tie: every order is the same for it.
    const order = values.order === undefined ? "trec_eval@9" : oneOf("order", values.order, RANK_ORDERS);
    const topics = new Set(qrels.keys());
    if (values.queries !== undefined) { for (const { id } of readTsvQueries(values.queries)) topics.add(id); }
    const { mean, ties, perQuery, missing, extra } = evaluateRunFile(values.run, qrels, measures, order, {
      reading: { topics, faults },
      ties: values.ties,
    });
    for (const fault of faults?.counts() ?? []) console.error(describeFaults(fault));
    if (values.json) {
      const queries = values["per-query"] ? { per_query: Object.fromEntries(perQuery) } : {};
      const counts = { judged_queries: qrels.size, missing_queries: missing, extra_queries: extra };
      const dropped = faults &&
        { dropped: Object.fromEntries(faults.counts().map(({ kind, count }) => [kind, count])) };
      const rule = { order, tie_rule: describeOrder(order) };
      console.log(visibleJson({ ...rule, ...counts, ...dropped, mean, ...queries, ...ties && { ties } }));
      return Promise.resolve(0);
    }
    const names = measures.map(formatMeasure);
    const lines = values["per-query"]
      ? [...perQuery].flatMap(([qid, scores]) =>
        names.map((name) => `${name}\t${visibleText(qid)}\t${printFixed(scores[name])}`)
      )
      : [];
    for (const name of names) {
      const range = ties ? [ties[name].min, ties[name].expected, ties[name].max] : [];
      lines.push([name, ALL, ...[mean[name], ...range].map((value) => printFixed(value))].join("\t"));
    }
    console.log(lines.join("\n"));
    console.error(
      `${qrels.size} judged queries, ${missing.length} of them not ranked (they count 0); ${describeOrder(order)}`,
    );
    return Promise.resolve(0);
  },
};
