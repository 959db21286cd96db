import { readQrels } from "../../datasets/formats/qrels.ts";
import { readTsvQueries } from "../../datasets/formats/tsv.ts";
import { type LintReport, lintRun } from "../../eval/runs/lint/lint.ts";
import { usageError } from "../../support/errors.ts";
import { type Command, parseCommandLine, positiveNumber } from "../command.ts";
import { visibleJson, visibleText } from "../../support/visible_text.ts";

/** `deno task metrics lint-run`: says what is odd about a run file. */
export const lintRunCommand: Command = {
  name: "lint-run",
  summary: "say what is odd about a run file",
  usage: `--run FILE [options]

  --qrels FILE      judgements, for missing, extra and unjudged ones
  --queries FILE    queries without judgements that the run may rank (qid, tab, text)
  --cutoffs LIST    ranks where ties are looked for (default: 10,50,100,200,1000)
  --json            print JSON

Prints level, check, count and message, tab-separated, then the queries by depth. The exit code is 2 where there are errors: faults
for which evaluation would stop, judgements of another query set, or ids that collide.`,
  run(args) {
    const { values } = parseCommandLine(args, {
      options: {
        run: { type: "string" },
        qrels: { type: "string" },
        queries: { type: "string" },
        cutoffs: { type: "string", default: "10,50,100,200,1000" },
        json: { type: "boolean", default: false },
      },
    });
    if (values.run === undefined) throw usageError("lint-run: --run is needed");
    const report = lintRun(values.run, {
      qrels: values.qrels === undefined ? null : readQrels(values.qrels),
      queries: values.queries === undefined ? null : new Set(readTsvQueries(values.queries).map(({ id }) => id)),
      cutoffs: values.cutoffs.split(",").map((cutoff) => positiveNumber("cutoffs", cutoff)),
    });
    console.log(values.json ? visibleJson(report) : formatReport(report));
    return Promise.resolve(report.findings.some(({ level }) => level === "error") ? 2 : 0);
  },
};

function formatReport({ queries, rows, findings, depths }: LintReport): string {
  return [
    ...findings.map(({ level, check, count, message }) => [level, check, count, visibleText(message)].join("\t")),
    `note\tdepth\t${queries}\t${rows} rows; ` +
    depths.map(({ from, to, queries }) => `${queries} queries with ${from} to ${to}`).join(", "),
  ].join("\n");
}
