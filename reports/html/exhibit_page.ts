import { html } from "hono/html";
import { type Exhibit, groupsOf } from "../presets/exhibit.ts";
import { columnsOf, words } from "../table.ts";
import { dataTable } from "./data_table.ts";
import { chartsOf } from "./figure.ts";
import { renderPage } from "./page.ts";

/** A table or figure of a paper as a page: published figures and measured ones in tables of their own. */
export function renderExhibit(exhibit: Exhibit): string {
  const { name, title, columns, charts, notes } = exhibit;
  const tables = groupsOf(exhibit).map(({ heading, rows }) => ({
    caption: heading,
    columns: columnsOf(words("method"), ...columns.map(({ title }) => title), words("source")),
    rows: rows.map(({ name, source, cells }) => ({ cells: [name, ...cells.map((cell) => cell ?? "–"), source] })),
  }));
  return renderPage({
    title: `${title} (${name})`,
    lead: notes.join(" "),
    content: html`<section>${chartsOf(charts)}${tables.map(dataTable)}</section>`,
  });
}
