import { dirname, join } from "node:path";
import { resultsFile } from "../eval/results/read.ts";
import { EXHIBIT_FORMATS, FORMATS } from "../reports/exports/formats.ts";
import { PRESETS } from "../reports/presets/presets.ts";
import { renderSite } from "../reports/site/site.ts";
import type { Source } from "../reports/sources.ts";
import { writeAtomic } from "../support/atomic_write.ts";
import { usageError } from "../support/errors.ts";
import { hasOnly, makeOwnedFolder, refuseInput } from "../support/owned_folder.ts";
import { isFile } from "../support/paths.ts";
import { type Command, oneOf, parseCommandLine, positiveNumber } from "./command.ts";
import { findSources, readSources } from "./report/sources.ts";
import { serveSite } from "./report/serve.ts";
import { SUBMISSION_OPTIONS, writeSubmission } from "./report/submission.ts";

/** `deno task report`: gives results another form. */
export const reportCommand: Command = {
  name: "report",
  summary: "make reports, paper tables and figures, and leaderboard pages of results",
  usage: `RESULT… [options]

  RESULT           results.json, or a folder that holds it; several stand in one report where they have the same passages
                   and judgements
  --format NAME    ${Object.keys(FORMATS).join(", ")} (default: html), or msmarco: a submission to its leaderboard
  --preset NAME    a table or figure of a paper, what is published beside what was measured: ${
    Object.keys(PRESETS).join(", ")
  }
  --out FILE       where it goes (default: html beside the first results, all else to standard output)

  report FOLDER --site DIR      a static leaderboard of all results below FOLDER: newest figures, a page for each system with
                                its history, one for each run, and what became better or worse
  report FOLDER --serve         the same at http://localhost:8894, also while a run goes on
  --port N                      of --serve (default 8894)

  msmarco:  --system NAME [--topics NAME] --id yyyymmdd-NAME --team NAME --out DIR [--model TEXT] [--paper URL] [--code URL]`,
  async run(args) {
    const { values, positionals } = parseCommandLine(args, {
      options: {
        out: { type: "string" },
        format: { type: "string", default: "html" },
        preset: { type: "string" },
        site: { type: "string" },
        serve: { type: "boolean", default: false },
        port: { type: "string", default: "8894" },
        ...SUBMISSION_OPTIONS,
      },
      allowPositionals: true,
    });
    if (positionals.length === 0) throw usageError("report: at least one results file is needed");
    if (values.serve) return await serveSite(positionals, positiveNumber("port", values.port));
    if (values.site !== undefined) {
      const { sources, running, skipped } = findSources(positionals);
      for (const why of skipped) console.error(`warning: left out ${why}`);
      const pages = renderSite(sources, running, skipped);
      makeOwnedFolder(values.site, { kind: "site", recognises: isSite });
      for (const [path, page] of pages) writeAtomic(join(values.site, path), page);
      console.error(`report: ${pages.size} pages in ${values.site}`);
      return 0;
    }
    if (values.format === "msmarco") return await writeSubmission(positionals, values);
    const { name, render } = chooseForm(values.format, values.preset);
    const text = render(readSources(positionals));
    const beside = join(dirname(resultsFile(positionals[0])), `${name}.html`);
    const out = values.out ?? (values.format === "html" ? beside : undefined);
    if (out === undefined) console.log(text.replace(/\n$/, ""));
    else {
      refuseInput("--out", out, positionals.map(resultsFile));
      writeAtomic(out, text);
      console.error(`report: ${out}`);
    }
    return 0;
  },
};

/** A site that an earlier latebench wrote has no marker. */
function isSite(folder: string): boolean {
  return isFile(join(folder, "changes.html")) && hasOnly(folder, /^[\w.-]+\.html$/);
}

/** What a file is called after, and how it is made. */
interface Form {
  readonly name: string;
  readonly render: (sources: readonly Source[]) => string;
}

function chooseForm(format: string, preset: string | undefined): Form {
  if (preset === undefined) return { name: "report", render: FORMATS[oneOf("format", format, Object.keys(FORMATS))] };
  const name = oneOf("preset", preset, Object.keys(PRESETS));
  const render = EXHIBIT_FORMATS[oneOf("format", format, Object.keys(EXHIBIT_FORMATS))];
  return { name, render: (sources) => render(PRESETS[name](sources)) };
}
