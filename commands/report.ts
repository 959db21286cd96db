import { dirname, join } from "node:path";
import { readResults } from "../eval/results/read.ts";
import { FORMATS } from "../reports/exports/formats.ts";
import { oneSource } from "../reports/sources.ts";
import { writeAtomic } from "../support/atomic_write.ts";
import { usageError } from "../support/errors.ts";
import { isFolder } from "../support/paths.ts";
import { type Command, oneOf, parseCommandLine } from "./command.ts";

/** `deno task report`: gives a results file another form. */
export const reportCommand: Command = {
  name: "report",
  summary: "make the HTML report of a results file, or its tables for a paper",
  usage: `RESULT [options]

  RESULT         results.json, or the folder that holds it
  --format NAME  html (default), latex, markdown, csv, json, or bibtex of what the figures are of
  --out FILE     where it goes (default: html to report.html beside the results, all else to standard output)`,
  run(args) {
    const { values, positionals } = parseCommandLine(args, {
      options: { out: { type: "string" }, format: { type: "string", default: "html" } },
      allowPositionals: true,
    });
    if (positionals.length !== 1) throw usageError("report: one results file is needed");
    const name = oneOf("format", values.format, Object.keys(FORMATS));
    const [given] = positionals;
    const file = isFolder(given) ? join(given, "results.json") : given;
    const text = FORMATS[name](oneSource(readResults(file)));
    const out = values.out ?? (name === "html" ? join(dirname(file), "report.html") : undefined);
    if (out === undefined) console.log(text.replace(/\n$/, ""));
    else {
      writeAtomic(out, text);
      console.error(`report: ${out}`);
    }
    return Promise.resolve(0);
  },
};
