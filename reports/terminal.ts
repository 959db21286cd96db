import Table from "cli-table3";
import { isTied, type Leaderboard, makeLeaderboards, placesIn } from "./leaderboard.ts";
import type { Source } from "./sources.ts";
import { visibleText } from "../support/visible_text.ts";

/** The leaderboards as tables for a terminal; a star marks the best value of a column. */
export function renderLeaderboard(sources: readonly Source[]): string {
  return makeLeaderboards(sources).map(renderTable).join("\n\n");
}

function renderTable({ dataset, topics, columns, cells, notes }: Leaderboard): string {
  const table = new Table({
    head: ["system", ...columns.map(({ title }) => visibleText(title))],
    colAligns: ["left", ...columns.map(() => "right" as const)],
    style: { head: [], border: [], compact: true },
  });
  const places = columns.map((column) => placesIn(column, cells));
  for (const [s, cell] of cells.entries()) {
    table.push([
      visibleText(cell.system),
      ...columns.map((column, i) => {
        const value = column.value(cell);
        return value === null
          ? "–"
          : (isTied(column, cell, cells) ? "~" : "") + column.format(value) + (places[i][s] === 1 ? "*" : " ");
      }),
    ]);
  }
  return [visibleText(`${dataset} / ${topics}`), table.toString(), ...notes.map((note) => `  ${visibleText(note)}`)]
    .join("\n");
}
