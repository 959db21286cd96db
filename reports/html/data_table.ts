import { html } from "hono/html";
import { type Content, type Table, textOf } from "../table.ts";
import type { Markup } from "./markup.ts";

/** A table whose first column names its rows; the page's script lets it be sorted, filtered and saved. */
export function dataTable({ caption, columns, rows }: Table): Markup {
  return html`
    <div class="scroll" tabindex="0" role="group" aria-label="${caption}">
      <table class="data">
        <caption>${caption}</caption>
        <thead>
          <tr>${columns.map(({ title, text, note }, i) =>
            html`
              <th scope="col" ${i === 0 || text
                ? html`
                  class="text"
                `
                : ""}${note
                ? html`
                  title="${note}"
                `
                : ""}>${title}</th>
            `
          )}</tr>
        </thead>
        <tbody>${rows.map(({ cells: [name, ...values], series, query }) =>
          html`<tr${
            series === undefined ? "" : html`
              data-s="${series}"
            `
          }${
            query === undefined ? "" : html`
              data-q="${query}"
            `
          }><th scope="row"${valueOf(name)}>${textOf(name)}</th>${
            values.map((value, i) =>
              html`<td${
                columns[i + 1]?.text
                  ? html`
                    class="text"
                  `
                  : ""
              }${valueOf(value)}>${textOf(value)}</td>`
            )
          }</tr>`
        )}</tbody>
      </table>
    </div>
  `;
}

/** The number that a figure stands for, for the script to sort by. */
function valueOf(content: Content): Markup | string {
  return typeof content === "string" ? "" : html`
    data-v="${content.value}"
  `;
}
