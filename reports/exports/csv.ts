// @ts-types="@types/d3-dsv"
import { csvFormat } from "d3-dsv";
import { type Exhibit, groupsOf } from "../presets/exhibit.ts";
import { encoderOf, type Source } from "../sources.ts";
import { type Column, makeLeaderboards } from "../leaderboard.ts";
import { visibleText } from "../../support/visible_text.ts";

/** One row a cell, with full precision and in base units (ms, operations, bytes); empty where there is no figure. */
export function renderCsv(sources: readonly Source[]): string {
  const boards = makeLeaderboards(sources);
  const columns = new Map<string, Column>(
    boards.flatMap(({ columns }) => columns.map((column) => [column.title, column])),
  );
  const rows = boards.flatMap(({ cells, origins }) =>
    cells.map((cell, c) => ({
      dataset: cell.dataset,
      topics: cell.topics,
      system: cell.system,
      queries: cell.judged_queries,
      ...Object.fromEntries([...columns].map(([title, column]) => [title, column.value(cell)])),
      encoder: cell.kernel === null ? null : encoderOf(origins[c]),
      kernel: cell.kernel,
      threads: origins[c].results.environment.threads,
      cpu: origins[c].results.environment.cpu,
    }))
  );
  return formatRows(rows);
}

/** One row a figure's row, published and measured ones told apart, with full precision and in base units. */
export function renderExhibitCsv(exhibit: Exhibit): string {
  const titles = exhibit.columns.map(({ title }) => title);
  const rows = groupsOf(exhibit).flatMap(({ published, rows }) =>
    rows.map(({ name, source, cells }) => ({
      exhibit: exhibit.name,
      kind: published ? "published" : "measured",
      name,
      source,
      ...Object.fromEntries(titles.map((title, c) => [title, cells[c]?.value ?? null])),
    }))
  );
  return formatRows(rows);
}

/** What a spreadsheet computes, or takes apart, where a cell begins with it; the wide forms too. */
const FORMULA = /^\s*[=+\-@＝＋－＠]/;

/**
 * Rows as CSV. Words that begin like a formula get an apostrophe before them, and control characters are written out; figures stay
 * numbers.
 */
function formatRows(rows: readonly Readonly<Record<string, string | number | null>>[]): string {
  const named = rows.map((row) => {
    return Object.fromEntries(
      Object.entries(row).map(([title, value]) => {
        return [plainWords(title), typeof value === "string" ? plainWords(value) : value];
      }),
    );
  });
  return `${csvFormat(named)}\n`;
}

function plainWords(text: string): string {
  const shown = visibleText(text);
  return FORMULA.test(text) && !isNumber(text) ? `'${shown}` : shown;
}

function isNumber(text: string): boolean {
  return /^[+-]?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text);
}
