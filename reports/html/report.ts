import { html, raw } from "hono/html";
import { diskBytesOf, latencyOf } from "../../eval/results/figures.ts";
import type { Results } from "../../eval/results/schema.ts";
import { scatterChart } from "../charts/scatter.ts";
import { formatBytes, formatMs, formatScore } from "../format.ts";
import { bestValue, isTied, type Leaderboard, mainMeasure, makeLeaderboards } from "../leaderboard.ts";
import { costTables } from "./cost_tables.ts";
import { latencyTables } from "./latency_tables.ts";
import type { Markup } from "./markup.ts";
import { provenance } from "./provenance.ts";
import { queryTable } from "./query_table.ts";
import { stageTable } from "./stage_table.ts";
import { STYLE } from "./style.ts";
import { tieTable } from "./tie_table.ts";

/**
 * The HTML report of a results file: one file without scripts or network addresses. The same results give the same bytes.
 */
export function renderReport(results: Results): string {
  const boards = makeLeaderboards(results);
  const title = `latebench: ${results.datasets.map(({ name }) => name).join(", ")}`;
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <title>${title}</title>
        <style>${raw(STYLE)}</style>
      </head>
      <body>
        <h1>${title}</h1>
        <p class="lead">${leadLine(results)}</p>
        <main>
    ${boards.map((board) => boardSection(board, results))}
    ${provenance(results)}
        </main>
      </body>
    </html>
  `.toString();
}

function leadLine({ environment, encoder }: Results): string {
  const machine = `${environment.cpu}, ${environment.threads} of ${environment.cores} cores`;
  return encoder ? `Encoder ${encoder.config.name}; ${machine}.` : `${machine}.`;
}

function boardSection(board: Leaderboard, results: Results): Markup {
  const name = `${board.dataset} / ${board.topics}`;
  return html`<section>
<h2>${name}</h2>
<div class="scroll">${leaderboardTable(board)}</div>
<ul class="notes">${board.notes.map((note) => html`<li>${note}</li>`)}</ul>
<div class="charts">${charts(board)}</div>
${latencyTables(board, results.latency_ratios)}
${stageTable(board)}
${costTables(board)}
${tieTable(board)}
${queryTable(board, results)}
</section>`;
}

function leaderboardTable({ columns, cells }: Leaderboard): Markup {
  const best = columns.map((column) => bestValue(column, cells));
  return html`
    <table>
      <caption>Leaderboard; the best value of each column is marked.</caption>
      <thead>
        <tr><th scope="col" class="text">system</th>${columns.map(({ title, note }) =>
          html`<th scope="col" title="${note}">${title}</th>`
        )}</tr>
      </thead>
      <tbody>${cells.map((cell) =>
        html`
          <tr><th scope="row">${cell.system}</th>${columns.map((column, i) => {
            const value = column.value(cell);
            if (value === null) return html`<td>–</td>`;
            const text = (isTied(column, cell, cells) ? "~" : "") + column.format(value);
            return value === best[i] ? html`<td class="best">${text}</td>` : html`<td>${text}</td>`;
          })}</tr>
        `
      )}</tbody>
    </table>
  `;
}

function charts({ cells, columns, dataset, topics }: Leaderboard): Markup[] {
  const measure = columns.find(({ measure }) => measure === mainMeasure(columns));
  if (!measure) return [];
  const axes = [
    { label: "ms/query, encoding included", value: latencyOf, format: formatMs, xTicks: "decimal" },
    { label: "index on disk", value: diskBytesOf, format: formatBytes, xTicks: "bytes" },
  ] as const;
  return axes.flatMap(({ label, value, format, xTicks }) => {
    const points = cells.flatMap((cell) => {
      const x = value(cell);
      const y = measure.value(cell);
      return x !== null && x > 0 && y !== null ? [{ label: cell.system, x, y }] : [];
    });
    if (points.length < 2) return [];
    const chart = scatterChart({
      title: `${measure.title} against ${label}, ${dataset} / ${topics}`,
      xLabel: label,
      yLabel: measure.title,
      points,
      xTicks,
      formatX: format,
      formatY: (y) => formatScore(y).replace(/0{1,2}$/, ""),
    });
    return [
      html`<figure>${chart}<figcaption>${measure.title} against ${label}; dashed: Pareto frontier.</figcaption></figure>`,
    ];
  });
}
