import { html } from "hono/html";
import { type Content, type Table, textOf } from "../table.ts";
import { attribute, type Markup } from "./markup.ts";

/** A table whose first column names its rows; the page's script lets it be sorted, filtered and saved. */
export function dataTable({ caption, columns, rows }: Table): Markup {
  const head = columns.map(({ title, text, note }, i) => {
    const kind = attribute("class", i === 0 || text ? "text" : undefined);
    return html`
      <th scope="col" ${kind}${attribute("title", note)}>${title}</th>
    `;
  });
  const body = rows.map(({ cells: [name, ...values], series, query }) => {
    const cells = values.map((value, i) => {
      const kind = attribute("class", columns[i + 1]?.text ? "text" : undefined);
      return html`<td${kind}${number(value)}>${textOf(value)}</td>`;
    });
    const about = [attribute("data-s", series), attribute("data-q", query)];
    return html`<tr${about}><th scope="row"${number(name)}>${textOf(name)}</th>${cells}</tr>`;
  });
  return html`
    <div class="scroll" tabindex="0" role="group" aria-label="${caption}">
      <table class="data">
        <caption>${caption}</caption>
        <thead>
          <tr>${head}</tr>
        </thead>
        <tbody>${body}</tbody>
      </table>
    </div>
  `;
}

/** The number that a figure stands for, for the script to sort by. */
function number(content: Content): Markup | string {
  return attribute("data-v", typeof content === "string" ? undefined : content.value);
}
