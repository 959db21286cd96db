// @ts-types="@types/d3-dsv"
import { csvFormat } from "d3-dsv";
import type { Results } from "../../eval/results/schema.ts";
import { type Column, makeLeaderboards } from "../leaderboard.ts";

/** One row a cell, with full precision and in base units (ms, operations, bytes); empty where there is no figure. */
export function renderCsv(results: Results): string {
  const boards = makeLeaderboards(results);
  const columns = new Map<string, Column>(
    boards.flatMap(({ columns }) => columns.map((column) => [column.title, column])),
  );
  const { cpu, threads } = results.environment;
  const rows = boards.flatMap(({ cells }) =>
    cells.map((cell) => ({
      dataset: cell.dataset,
      topics: cell.topics,
      system: cell.system,
      queries: cell.judged_queries,
      ...Object.fromEntries([...columns].map(([title, column]) => [title, column.value(cell)])),
      encoder: cell.kernel === null ? null : results.encoder?.config.name,
      kernel: cell.kernel,
      threads,
      cpu,
    }))
  );
  return `${csvFormat(rows)}\n`;
}
