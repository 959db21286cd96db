import { html } from "hono/html";
import { LEVEL, significantlyBetter } from "../../eval/comparison/significantly_better.ts";
import type { Cell } from "../../eval/results/schema.ts";
import { seriesClass, shapeOf } from "../charts/marks.ts";
import { intervalOf } from "../intervals.ts";
import { type Column, isTied, type Leaderboard, letterOf, lettersOf, placesIn } from "../leaderboard.ts";
import { attribute, type Markup } from "./markup.ts";

/** The leaderboard: means with half of their 95 % intervals, ties, and which systems each is significantly better than. */
export function leaderboardTable({ columns, cells, dataset, topics }: Leaderboard): Markup {
  const places = columns.map((column) => placesIn(column, cells));
  const official = cells[0].official_measures;
  const better = significantlyBetter(cells, official);
  const head = columns.map(({ title, note }) => html`<th scope="col" title="${note}">${title}</th>`);
  const body = cells.map((cell, s) => {
    const values = columns.map((column, c) => {
      const beats = column.measure && lettersOf(better.get(column.measure)?.[s] ?? [], cells.length);
      return valueCell(column, cell, cells, places[c][s] === 1, beats ?? "");
    });
    const name = html`${swatch(s)}${letterOf(s)} <span class="name">${cell.system}</span>`;
    return html`<tr${attribute("data-s", s)}><th scope="row">${name}</th>${values}</tr>`;
  });
  const caption =
    `Leaderboard: best value of each column marked; ± half of the 95 % t-interval of the mean; letters: significantly better than those systems (paired t-tests, p < ${LEVEL}, Holm over all pairs and official measures).`;
  return html`
    <div class="scroll" tabindex="0" role="group" aria-label="Leaderboard of ${dataset} / ${topics}">
      <table class="data board">
        <caption>${caption}</caption>
        <thead>
          <tr><th scope="col" class="text">system</th>${head}</tr>
        </thead>
        <tbody>${body}</tbody>
      </table>
    </div>
  `;
}

function valueCell(column: Column, cell: Cell, cells: readonly Cell[], best: boolean, beats: string): Markup {
  const value = column.value(cell);
  if (value === null) return html`<td>–</td>`;
  const text = (isTied(column, cell, cells) ? "~" : "") + column.format(value);
  const interval = column.measure === undefined || cell.queries.length < 2 ? null : intervalOf(cell, column.measure);
  const half = interval && html`<small>± ${column.format((interval[1] - interval[0]) / 2)}</small>`;
  const marks = [attribute("data-v", value), attribute("class", best ? "best" : undefined)];
  return html`<td${marks}>${text}${beats && html`<sup>${beats}</sup>`}${half ?? ""}</td>`;
}

/** A system's symbol as charts draw it. */
function swatch(series: number): Markup {
  return html`
    <svg class="swatch" viewBox="-6 -6 12 12" aria-hidden="true">
      <path class="mark ${seriesClass(series)}" d="${shapeOf(series, 60)}" />
    </svg>
  `;
}
