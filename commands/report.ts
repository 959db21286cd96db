import { dirname, join } from "node:path";
import { readResults } from "../eval/results/read.ts";
import { renderReport } from "../reports/html/report.ts";
import { writeAtomic } from "../support/atomic_write.ts";
import { usageError } from "../support/errors.ts";
import { isFolder } from "../support/paths.ts";
import { type Command, parseCommandLine } from "./command.ts";

/** `deno task report`: makes the HTML report of a results file again. */
export const reportCommand: Command = {
  name: "report",
  summary: "make the HTML report of a results file",
  usage: `RESULT [--out FILE]

  RESULT        results.json, or the folder that holds it
  --out FILE    where the report goes (default: report.html beside the results)`,
  run(args) {
    const { values, positionals } = parseCommandLine(args, {
      options: { out: { type: "string" } },
      allowPositionals: true,
    });
    if (positionals.length !== 1) throw usageError("report: one results file is needed");
    const [given] = positionals;
    const file = isFolder(given) ? join(given, "results.json") : given;
    const out = values.out ?? join(dirname(file), "report.html");
    writeAtomic(out, renderReport(readResults(file)));
    console.error(`report: ${out}`);
    return Promise.resolve(0);
  },
};
