// @ts-types="@types/d3-dsv"
import { csvFormat } from "d3-dsv";
import type { Source } from "../sources.ts";
import { type Column, makeLeaderboards } from "../leaderboard.ts";

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
      encoder: cell.kernel === null ? null : origins[c].results.encoder?.config.name,
      kernel: cell.kernel,
      threads: origins[c].results.environment.threads,
      cpu: origins[c].results.environment.cpu,
    }))
  );
  return `${csvFormat(rows)}\n`;
}
