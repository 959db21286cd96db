import type { Source } from "../sources.ts";
import { renderReport } from "../html/report.ts";
import { renderBibtex } from "./bibtex.ts";
import { renderCsv } from "./csv.ts";
import { renderLatex } from "./latex.ts";
import { renderMarkdown } from "./markdown.ts";

/** The forms of a report, by name. */
export const FORMATS: Readonly<Record<string, (sources: readonly Source[]) => string>> = {
  html: renderReport,
  latex: renderLatex,
  markdown: renderMarkdown,
  csv: renderCsv,
  json: (sources) => {
    const all = sources.map(({ results }) => results);
    return `${JSON.stringify(all.length === 1 ? all[0] : all, null, 1)}\n`;
  },
  bibtex: renderBibtex,
};
