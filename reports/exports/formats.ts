import { renderReport } from "../html/report.ts";
import { renderExhibit } from "../html/exhibit_page.ts";
import type { Exhibit } from "../presets/exhibit.ts";
import type { Source } from "../sources.ts";
import { renderBibtex } from "./bibtex.ts";
import { renderCsv, renderExhibitCsv } from "./csv.ts";
import { exhibitTable } from "./exhibit_table.ts";
import { exportTables } from "./export_table.ts";
import { renderLatex } from "./latex.ts";
import { renderMarkdown } from "./markdown.ts";
import { visibleJson } from "../../support/visible_text.ts";

/** The forms of a report, by name. */
export const FORMATS: Readonly<Record<string, (sources: readonly Source[]) => string>> = {
  html: (sources) => renderReport(sources),
  latex: (sources) => renderLatex(exportTables(sources)),
  markdown: (sources) => renderMarkdown(exportTables(sources)),
  csv: renderCsv,
  json: (sources) => toJson(sources.length === 1 ? sources[0].results : sources.map(({ results }) => results)),
  bibtex: (sources) => renderBibtex(sources),
};

/** The forms of a preset's table or figure, by name. */
export const EXHIBIT_FORMATS: Readonly<Record<string, (exhibit: Exhibit) => string>> = {
  html: renderExhibit,
  latex: (exhibit) => renderLatex([exhibitTable(exhibit)]),
  markdown: (exhibit) => renderMarkdown([exhibitTable(exhibit)]),
  csv: renderExhibitCsv,
  json: ({ charts: _, columns: __, ...figures }) => toJson(figures),
  bibtex: ({ published }) => renderBibtex([], published ? [published.source] : []),
};

function toJson(value: unknown): string {
  return `${visibleJson(value, 1)}\n`;
}
