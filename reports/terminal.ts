import Table from "cli-table3";
import { bestValue, isTied, type Leaderboard, makeLeaderboards } from "./leaderboard.ts";
import type { Source } from "./sources.ts";

/** The leaderboards as tables for a terminal; a star marks the best value of a column. */
export function renderLeaderboard(sources: readonly Source[]): string {
  return makeLeaderboards(sources).map(renderTable).join("\n\n");
}

function renderTable({ dataset, topics, columns, cells, notes }: Leaderboard): string {
  const table = new Table({
    head: ["system", ...columns.map(({ title }) => title)],
    colAligns: ["left", ...columns.map(() => "right" as const)],
    style: { head: [], border: [], compact: true },
  });
  const best = columns.map((column) => bestValue(column, cells));
  for (const cell of cells) {
    table.push([
      cell.system,
      ...columns.map((column, i) => {
        const value = column.value(cell);
        return value === null
          ? "–"
          : (isTied(column, cell, cells) ? "~" : "") + column.format(value) + (value === best[i] ? "*" : " ");
      }),
    ]);
  }
  return [`${dataset} / ${topics}`, table.toString(), ...notes.map((note) => `  ${note}`)].join("\n");
}
