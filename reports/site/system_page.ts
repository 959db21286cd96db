import { html } from "hono/html";
import { diskBytesOf, medianOf } from "../../eval/results/figures.ts";
import { linearAxis } from "../charts/axis.ts";
import type { Chart } from "../charts/chart.ts";
import { curveChart } from "../charts/curves.ts";
import { formatBytes, formatMs, formatScore } from "../format.ts";
import { dataTable } from "../html/data_table.ts";
import { chartsOf } from "../html/figure.ts";
import type { Markup } from "../html/markup.ts";
import { renderPage } from "../html/page.ts";
import { intervalOf } from "../intervals.ts";
import { machineOf } from "../sources.ts";
import { columnsOf, figure, type Row, type Table, words } from "../table.ts";
import { CHANGE_COLUMNS, changeRows } from "./change_table.ts";
import type { History } from "./history.ts";

/** The page of one system: its figures in every run, on every topic set. */
export function renderSystem(name: string, histories: readonly History[]): string {
  return renderPage({
    title: `latebench: ${name}`,
    lead: "All runs of this system, oldest first.",
    content: html`
      <nav aria-label="Pages">
        <p><a href="index.html">Leaderboard</a></p>
      </nav>${histories.map(historySection)}
    `,
  });
}

function historySection(history: History): Markup {
  const rows = changeRows(history);
  const changes = { caption: "From run to run.", columns: CHANGE_COLUMNS, rows };
  return html`<section><h2>${history.dataset} / ${history.topics}</h2>${dataTable(runTable(history))}${
    chartsOf(measureChart(history))
  }${rows.length > 0 ? dataTable(changes) : ""}</section>`;
}

function runTable({ entries }: History): Table {
  const measures = entries[entries.length - 1].cell.official_measures;
  return {
    caption: "Runs.",
    columns: columnsOf(
      words("run"),
      words("began"),
      words("latebench"),
      words("machine"),
      ...measures,
      "median ms",
      "index",
      words("options"),
    ),
    rows: entries.map(({ cell, source: { name, results: { environment } } }): Row => ({
      cells: [
        name,
        environment.started.slice(0, 16).replace("T", " "),
        `${environment.latebench} (${environment.commit ?? "no commit known"})`,
        machineOf(environment),
        ...measures.map((measure) => figure(cell.mean[measure], formatScore)),
        figure(cell.latency && medianOf(cell.latency.with_encoding), formatMs),
        figure(diskBytesOf(cell), formatBytes),
        Object.entries(cell.options).map(([key, value]) => `${key}=${value}`).join(", "),
      ],
    })),
  };
}

/** The first official measure over the runs. */
function measureChart({ system, dataset, topics, entries }: History): Chart[] {
  const [measure] = entries[entries.length - 1].cell.official_measures;
  if (measure === undefined || entries.length < 2) return [];
  const points = entries.map(({ cell, source }, i) => ({
    x: i + 1,
    y: cell.mean[measure] ?? 0,
    interval: cell.queries.length < 2 ? undefined : intervalOf(cell, measure),
    note: source.name,
  }));
  const ends = points.flatMap(({ y, interval }) => [y, ...interval ?? []]);
  return [curveChart({
    title: `${measure} of ${system} over its runs, ${dataset} / ${topics}`,
    caption: `${measure} with 95 % t-intervals; runs from the oldest on.`,
    x: linearAxis(points.map(({ x }) => x), { name: "run", format: String }, {
      bounds: [0.5, points.length + 0.5],
      whole: true,
    }),
    y: linearAxis(ends, { name: measure, hint: "better →", format: formatScore }, { bounds: [0, 1] }),
    curves: [{ label: system, series: 0, points }],
  })];
}
