import { html } from "hono/html";
import type { RunStatus } from "../../eval/results/status_schema.ts";
import { chartsOf } from "../html/figure.ts";
import { dataTable } from "../html/data_table.ts";
import { leaderboardTable } from "../html/leaderboard_table.ts";
import type { Markup } from "../html/markup.ts";
import { renderPage } from "../html/page.ts";
import { renderReport } from "../html/report.ts";
import { makeLeaderboards } from "../leaderboard.ts";
import { tradeOffs } from "../sections/quality.ts";
import { machineOf, type Source } from "../sources.ts";
import { columnsOf, type Row, words } from "../table.ts";
import { historiesOf, type History, newestCells } from "./history.ts";
import { renderSystem } from "./system_page.ts";
import { fileNameParts } from "../../support/file_name.ts";
import { CHANGE_COLUMNS, changeRows } from "./change_table.ts";
import { statusTable } from "./status_table.ts";

/** A run that goes on: how far it is, and what it has found so far. */
export interface RunningRun {
  readonly name: string;
  readonly status: RunStatus;
}

/** Seconds after which pages about something that goes on are loaded again. */
const REFRESH = 5;

/**
 * A leaderboard as pages by path: newest figures of every system, one page a system with its history, one a run, and what became
 * better or worse from run to run. The same results give the same bytes.
 *
 * @param skipped why some results are left out, a line for each
 */
export function renderSite(
  sources: readonly Source[],
  running: readonly RunningRun[] = [],
  skipped: readonly string[] = [],
): Map<string, string> {
  return new Map(Array.from(sitePages(sources, running, skipped), ([path, render]) => [path, render()]));
}

/** The pages of {@link renderSite}, each made when it is asked for. */
export function sitePages(
  sources: readonly Source[],
  running: readonly RunningRun[] = [],
  skipped: readonly string[] = [],
): Map<string, () => string> {
  const histories = historiesOf(sources);
  const systems = Map.groupBy(histories, ({ system, encoder }) => systemName(system, encoder));
  const refresh = running.length > 0 ? REFRESH : undefined;
  const systemPages = pagesOf("systems", systems.keys());
  const runPages = pagesOf("runs", sources.map(({ name }) => name));
  const pages = new Map<string, () => string>();
  const paths = { systems: systemPages, runs: runPages };
  pages.set("index.html", () => renderIndex(sources, histories, paths, running, skipped));
  pages.set("changes.html", () => renderChanges(histories));
  for (const [name, own] of systems) pages.set(systemPages.get(name)!, () => renderSystem(name, own));
  for (const source of sources) {
    const goesOn = running.some(({ name }) => name === source.name);
    pages.set(runPages.get(source.name)!, () => renderReport([source], goesOn ? { refresh } : {}));
  }
  return pages;
}

function renderIndex(
  sources: readonly Source[],
  histories: readonly History[],
  paths: { readonly systems: Paths; readonly runs: Paths },
  running: readonly RunningRun[],
  skipped: readonly string[],
): string {
  const boards = makeLeaderboards(newestCells(histories));
  return renderPage({
    title: "latebench: leaderboard",
    lead: "The newest run of each system; on each topic set, systems of several runs carry the run's name.",
    refresh: running.length > 0 ? REFRESH : undefined,
    content: html`
      ${running.map(({ name, status }) =>
        html`<section><h2>Running: ${name}</h2>${dataTable(statusTable(status))}</section>`
      )}
      <nav aria-label="Pages">
        <p><a href="changes.html">What became better or worse</a></p>
        <h2>Systems</h2>
        <ul>${[...paths.systems].map(([name, path]) => html`<li><a href="${path}">${name}</a></li>`)}</ul>
      </nav>
      ${boards.map((board) =>
        html`
          <section
            class="board"><h2>${board.dataset} / ${board.topics}</h2>${leaderboardTable(board)}<ul class="notes">${board
              .notes.map((note) => html`<li>${note}</li>`)}</ul>${chartsOf(tradeOffs(board))}</section>
        `
      )}
      <section><h2>Runs</h2>${runList(sources, paths.runs)}</section>
      ${skipped.length > 0
        ? html`
          <section>
            <h2>Left out</h2>
            <ul class="notes">${skipped.map((why) => html`<li>${why}</li>`)}</ul>
          </section>
        `
        : ""}
    `,
  });
}

function runList(sources: readonly Source[], paths: Paths): Markup {
  return html`<ul>${
    sources.map(({ name, results: { environment, datasets } }) =>
      html`<li><a href="${paths.get(name)!}">${name}</a>: ${datasets.map((dataset) => dataset.name).join(", ")}; ${
        environment.started.slice(0, 10)
      }, latebench ${environment.latebench} (${environment.commit ?? "no commit known"}), ${
        machineOf(environment)
      }</li>`
    )
  }</ul>`;
}

function renderChanges(histories: readonly History[]): string {
  const tables = (["worse", "better"] as const).map((verdict) => {
    const rows = histories.flatMap((history): Row[] =>
      changeRows(history).filter(({ verdict: own }) => own === verdict).map(({ cells }) => ({
        cells: [systemName(history.system, history.encoder), `${history.dataset} / ${history.topics}`, ...cells],
      }))
    );
    const caption = rows.length === 0 ? `Nothing became ${verdict}.` : `What became ${verdict}.`;
    return { caption, columns: columnsOf(words("system"), words("topics"), ...CHANGE_COLUMNS), rows };
  });
  return renderPage({
    title: "latebench: what changed from run to run",
    lead:
      "Measures: paired t-tests over the queries, p < 0.05, not corrected. Times: medians of one machine that differ by more than 5 %. Bytes: every difference.",
    content: html`
      <nav aria-label="Pages">
        <p><a href="index.html">Leaderboard</a></p>
      </nav>
      <section>${tables.map(dataTable)}</section>
    `,
  });
}

function systemName(system: string, encoder: string | null): string {
  return encoder === null ? system : `${system}, ${encoder}`;
}

/** Pages by what they are about. */
type Paths = ReadonlyMap<string, string>;

/** The paths of pages about systems or runs: no two names have one path. */
function pagesOf(kind: "systems" | "runs", names: Iterable<string>): Paths {
  return new Map([...fileNameParts(names)].map(([name, part]) => [name, `${kind}-${part}.html`]));
}
