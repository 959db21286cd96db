import type { CellStatus, RunStatus } from "../../eval/results/status_schema.ts";
import { formatSeconds } from "../../support/progress.ts";
import { columnsOf, type Row, type Table, words } from "../table.ts";

/** How far a run is, cell by cell. */
export function statusTable({ cells, command, updated }: RunStatus): Table {
  const count = (state: CellStatus["state"]) => cells.filter((cell) => cell.state === state).length;
  return {
    caption: `deno task ${command.join(" ")}: ${count("done")} of ${cells.length} cells done, ${
      count("failed")
    } failed; as of ${updated.slice(0, 19).replace("T", " ")} UTC.`,
    columns: columnsOf(words("data set"), words("system"), words("state"), words("time"), words("now")),
    rows: cells.map((cell): Row => ({ cells: statusRow(cell) })),
  };
}

/** Data set, system, state, time, and what is being done now. */
export function statusRow(cell: CellStatus): string[] {
  const time = cell.seconds === null ? "" : formatSeconds(cell.seconds);
  return [cell.dataset, cell.system, cell.state, time, cell.error ?? describeJob(cell)];
}

/** What is being done for a cell, with rate and time left. */
function describeJob({ job }: CellStatus): string {
  if (!job) return "";
  const rate = job.done / Math.max(job.seconds, 1e-9);
  const left = rate > 0 ? `, ${formatSeconds((job.total - job.done) / rate)} left` : "";
  return `${job.label}: ${job.done}/${job.total} ${job.unit}, ${rate.toFixed(rate < 10 ? 1 : 0)} ${job.unit}/s${left}`;
}
