import { html } from "hono/html";
import type { Chart } from "../charts/chart.ts";
import { dataTable } from "./data_table.ts";
import type { Markup } from "./markup.ts";

/** A chart with its caption, and its figures as a table. */
export function figureOf({ title, caption, svg, table }: Chart): Markup {
  return html`
    <figure
      data-name="${title}">${svg}<figcaption>${caption}</figcaption><details><summary>Figures of this chart</summary>${dataTable(
        table,
      )}</details></figure>
  `;
}

/** Charts side by side; nothing where there are none. */
export function chartsOf(charts: readonly Chart[]): Markup {
  return charts.length === 0 ? html`` : html`<div class="charts">${charts.map(figureOf)}</div>`;
}
