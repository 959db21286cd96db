import type { Results } from "../../eval/results/schema.ts";
import { renderReport } from "../html/report.ts";
import { renderBibtex } from "./bibtex.ts";
import { renderCsv } from "./csv.ts";
import { renderLatex } from "./latex.ts";
import { renderMarkdown } from "./markdown.ts";

/** The forms of a report, by name. */
export const FORMATS: Readonly<Record<string, (results: Results) => string>> = {
  html: renderReport,
  latex: renderLatex,
  markdown: renderMarkdown,
  csv: renderCsv,
  json: (results) => `${JSON.stringify(results, null, 1)}\n`,
  bibtex: renderBibtex,
};
