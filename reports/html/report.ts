import { html } from "hono/html";
import { type Leaderboard, makeLeaderboards } from "../leaderboard.ts";
import { indexingCharts } from "../presets/figures.ts";
import { ablationSection } from "../sections/ablations.ts";
import { costSection } from "../sections/costs.ts";
import { latencySection } from "../sections/latency.ts";
import { lossSection } from "../sections/loss.ts";
import { qualitySection } from "../sections/quality.ts";
import type { Section } from "../sections/section.ts";
import { stageSection } from "../sections/stages.ts";
import { tieSection } from "../sections/ties.ts";
import { encoderOf, machineOf, type Source } from "../sources.ts";
import { dataTable } from "./data_table.ts";
import { chartsOf } from "./figure.ts";
import { leaderboardTable } from "./leaderboard_table.ts";
import type { Markup } from "./markup.ts";
import { renderPage } from "./page.ts";
import { provenance } from "./provenance.ts";
import { querySection } from "./query_section.ts";

/**
 * The HTML report of some results: one file that needs no other. The same results give the same bytes.
 *
 * @param refresh seconds after which the page loads itself again; for a run that goes on
 */
export function renderReport(sources: readonly Source[], { refresh }: { readonly refresh?: number } = {}): string {
  const boards = makeLeaderboards(sources);
  const names = [...new Set(sources.flatMap(({ results }) => results.datasets.map(({ name }) => name)))];
  return renderPage({
    title: `latebench: ${names.join(", ") || "indexing"}`,
    lead: leadLine(sources),
    refresh,
    content: html`${failureList(sources)}${boards.map(boardSection)}${indexing(sources)}${sources.map(provenance)}`,
  });
}

function leadLine(sources: readonly Source[]): string {
  const encoders = new Set(sources.flatMap((source) => encoderOf(source) ?? []));
  const machines = [...new Set(sources.map(({ results }) => machineOf(results.environment)))].join("; ");
  return encoders.size > 0 ? `Encoder ${[...encoders].join("; ")}; ${machines}.` : `${machines}.`;
}

/** What `bench indexing` found. */
function indexing(sources: readonly Source[]): Markup {
  const charts = indexingCharts(sources);
  return charts.length === 0 ? html`` : html`<section><h2>Indexing</h2>${chartsOf(charts)}</section>`;
}

/** Systems that could not be measured. */
function failureList(sources: readonly Source[]): Markup {
  const failures = sources.flatMap(({ results }) => results.failures);
  if (failures.length === 0) return html``;
  return html`
    <section>
      <h2>Not measured</h2>
      <ul>${failures.map(({ dataset, system, error }) => html`<li><b>${system}</b> on ${dataset}: ${error}</li>`)}</ul>
    </section>
  `;
}

function boardSection(board: Leaderboard): Markup {
  const details = [
    lossSection(board),
    latencySection(board),
    stageSection(board),
    costSection(board),
    ablationSection(board),
    tieSection(board),
  ].filter((section) => section !== null);
  return html`<section class="board">
<h2>${board.dataset} / ${board.topics}</h2>
${leaderboardTable(board)}
<ul class="notes">${board.notes.map((note) => html`<li>${note}</li>`)}</ul>
${chartsOf(qualitySection(board).charts)}
${details.map(detailsOf)}
${querySection(board)}
</section>`;
}

function detailsOf({ title, charts, tables }: Section): Markup {
  return html`<details><summary>${title}</summary>${chartsOf(charts)}${tables.map(dataTable)}</details>`;
}
