import { html } from "hono/html";
import type { Markup } from "./markup.ts";

/** A column of figures, or (`text`) of words. */
export type TableColumn = string | { readonly text: string };

/**
 * A table whose first column names its rows.
 *
 * @param columns titles, the first column's included
 * @param rows what stands in them
 */
export function dataTable(
  caption: string,
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
): Markup {
  const isText = (column: TableColumn) => typeof column !== "string";
  const title = (column: TableColumn) => typeof column === "string" ? column : column.text;
  return html`
    <div class="scroll">
      <table>
        <caption>${caption}</caption>
        <thead>
          <tr>${columns.map((column, i) =>
            html`<th scope="col" class="${i === 0 || isText(column) ? "text" : ""}">${title(column)}</th>`
          )}</tr>
        </thead>
        <tbody>${rows.map(([name, ...values]) =>
          html`<tr><th scope="row">${name}</th>${
            values.map((value, i) => html`<td class="${isText(columns[i + 1]) ? "text" : ""}">${value}</td>`)
          }</tr>`
        )}</tbody>
      </table>
    </div>
  `;
}
