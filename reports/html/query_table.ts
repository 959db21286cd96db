import { html } from "hono/html";
import type { Cell, QueryResult, Results } from "../../eval/results/schema.ts";
import { formatScore } from "../format.ts";
import { type Leaderboard, mainMeasure } from "../leaderboard.ts";
import type { Markup } from "./markup.ts";

/** Queries that the page shows: those on which the systems differ most. The results file has all of them. */
const SHOWN = 60;

/** The per-query view: the main measure of every system, and the first passage that each found. */
export function queryTable({ cells, columns, dataset, topics }: Leaderboard, results: Results): Markup {
  const measure = mainMeasure(columns);
  if (measure === null) return html``;
  const record = results.datasets.find(({ name }) => name === dataset);
  const texts = record?.topics.find(({ name }) => name === topics)?.query_texts ?? {};
  const byId = cells.map(({ queries }) => new Map(queries.map((query) => [query.id, query])));
  const rows = cells[0].queries.map(({ id }) => ({ id, results: byId.map((queries) => queries.get(id)) }));
  const spread = ({ results }: (typeof rows)[number]) => {
    const values = results.map((result) => result?.measures[measure] ?? 0);
    return Math.max(...values) - Math.min(...values);
  };
  const shown = rows.map((row, order) => ({ ...row, order, spread: spread(row) }))
    .sort((a, b) => b.spread - a.spread || a.order - b.order).slice(0, SHOWN);
  return html`
    <details>
      <summary>By query: ${measure} of ${rows.length > SHOWN
        ? `the ${SHOWN} queries (of ${rows.length}) on which the systems differ most`
        : `all ${rows.length} queries`}</summary>
      <div class="scroll">
        <table>
          <thead>
            <tr><th scope="col" class="text">query</th>${cells.map(({ system }) =>
              html`<th scope="col">${system}</th>`
            )}<th scope="col" class="text">first passages</th></tr>
          </thead>
          <tbody>${shown.map(({ id, results }) =>
            html`
              <tr><td class="text">${texts[id] ?? ""} <code>${id}</code></td>${results.map((result) =>
                html`<td>${result ? formatScore(result.measures[measure]) : "–"}</td>`
              )}<td class="text">${firstPassages(cells, results, record?.passage_texts ?? {})}</td></tr>
            `
          )}</tbody>
        </table>
      </div>
    </details>
  `;
}

function firstPassages(
  cells: readonly Cell[],
  results: readonly (QueryResult | undefined)[],
  texts: Readonly<Record<string, string>>,
): Markup[] {
  const systems = new Map<string, string[]>();
  results.forEach((result, i) => {
    const first = result?.top[0];
    if (!first) return;
    systems.set(first.id, [...systems.get(first.id) ?? [], cells[i].system]);
  });
  return [...systems].map(([id, names]) => {
    const grade = results.flatMap((result) => result?.top ?? []).find((hit) => hit.id === id)?.grade ?? null;
    return html`<div><b>${names.join(", ")}</b> <span class="grade">(${
      grade === null ? "not judged" : `grade ${grade}`
    })</span>: ${texts[id] ?? ""} <code>${id}</code></div>`;
  });
}
