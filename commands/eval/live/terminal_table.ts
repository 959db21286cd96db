import process from "node:process";
import Table from "cli-table3";
import type { CellStatus } from "../../../eval/results/status_schema.ts";
import { statusRow } from "../../../reports/site/status_table.ts";
import { visibleText } from "../../../support/visible_text.ts";

/** Time between two drawings, ms. */
const INTERVAL = 250;

/** Keeps a table of cells at the end of the terminal until it is closed; the last drawing stays. */
export async function openTerminalTable(cells: () => readonly CellStatus[]): Promise<Disposable> {
  const { createLogUpdate } = await import("log-update"); // asks for the terminal's name: not all commands may
  const update = createLogUpdate(process.stderr);
  const draw = () => update(renderCells(cells(), process.stderr.rows || 40));
  draw();
  const timer = setInterval(draw, INTERVAL);
  Deno.unrefTimer(timer);
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      draw();
      update.done();
    },
  };
}

/**
 * Cells as a table; where the terminal has too few lines, those that run and those around them.
 *
 * @param lines of the terminal
 */
export function renderCells(cells: readonly CellStatus[], lines: number): string {
  const room = Math.max(3, lines - 4);
  const current = Math.max(0, cells.findIndex(({ state }) => state === "running"));
  const from = Math.max(0, Math.min(current - (room >> 1), cells.length - room));
  const table = new Table({
    head: ["data set", "system", "state", "time", "now"],
    colAligns: ["left", "left", "left", "right", "left"],
    style: { head: [], border: [], compact: true },
  });
  for (const cell of cells.slice(from, from + room)) {
    table.push(statusRow(cell).map((text) => visibleText(text)));
  }
  const over = cells.filter(({ state }) => state === "done" || state === "failed").length;
  return `${table}\n${over} of ${cells.length} cells over`;
}
