import { html } from "hono/html";
import { queriesBySpread } from "../../eval/comparison/spread.ts";
import type { Cell, QueryResult } from "../../eval/results/schema.ts";
import { formatGrade, formatScore } from "../format.ts";
import { type Leaderboard, mainMeasure } from "../leaderboard.ts";
import { queryChart } from "../sections/query_chart.ts";
import { explanationList } from "./explanation_list.ts";
import { chartsOf } from "./figure.ts";
import type { Markup } from "./markup.ts";
import { own } from "../../support/own.ts";

/** Queries that the page shows: those on which the systems differ most. The results file has all of them. */
const SHOWN = 60;

/** The per-query view: the main measure of every system, what each found first, and what scores are made of. */
export function querySection(board: Leaderboard): Markup {
  const { cells, columns, queryTexts, passageTexts, dataset, topics } = board;
  const measure = mainMeasure(columns);
  if (measure === null) return html``;
  const byId = cells.map(({ queries }) => new Map(queries.map((query) => [query.id, query])));
  const rows = queriesBySpread(cells, measure);
  const shown = rows.slice(0, SHOWN).map(({ id }) => ({ id, results: byId.map((queries) => queries.get(id)) }));
  const which = rows.length > SHOWN
    ? `the ${SHOWN} queries (of ${rows.length}) on which the systems differ most`
    : `all ${rows.length} queries`;
  const caption = `${measure} of ${which}, ${dataset} / ${topics}`;
  return html`<details><summary>By query</summary>
${chartsOf(queryChart(board))}
<div class="scroll" tabindex="0" role="group" aria-label="${caption}"><table class="data queries"><caption>${caption}</caption><thead><tr><th scope="col" class="text">query</th>${
    cells.map(({ system }) => html`<th scope="col">${system}</th>`)
  }<th scope="col" class="text">first passages</th></tr></thead><tbody>${
    shown.map(({ id, results }) =>
      html`
        <tr
          data-q="${id}"><td class="text">${queryTexts.get(id) ?? ""} <code>${id}</code></td>${results.map((result) => {
            const value = own(result?.measures, measure);
            return value === undefined ? html`<td>–</td>` : html`<td data-v="${value}">${formatScore(value)}</td>`;
          })}<td class="text">${firstPassages(cells, results, passageTexts)}</td></tr>
      `
    )
  }</tbody></table></div>
${explanationList(board)}
</details>`;
}

function firstPassages(
  cells: readonly Cell[],
  results: readonly (QueryResult | undefined)[],
  texts: ReadonlyMap<string, string>,
): Markup[] {
  const systems = new Map<string, string[]>();
  results.forEach((result, i) => {
    const first = result?.top[0];
    if (!first) return;
    systems.set(first.id, [...systems.get(first.id) ?? [], cells[i].system]);
  });
  return [...systems].map(([id, names]) => {
    const grade = results.flatMap((result) => result?.top ?? []).find((hit) => hit.id === id)?.grade ?? null;
    return html`<div><b>${names.join(", ")}</b> <span class="grade">(${formatGrade(grade)})</span>: ${
      texts.get(id) ?? ""
    } <code>${id}</code></div>`;
  });
}
