import { join } from "node:path";
import { RESULTS_FILE } from "../../../eval/results/read.ts";
import type { Cell, Results } from "../../../eval/results/schema.ts";
import type { CellStatus, RunStatus } from "../../../eval/results/status_schema.ts";
import { removeIfThere, writeJson } from "../../../support/atomic_write.ts";
import { makeFolder } from "../../../support/temporary.ts";
import { finished, unfinishedUntilDone } from "../../../support/unfinished.ts";
import { badInput, explainIoError } from "../../../support/errors.ts";
import { openFile } from "../../../support/open_file.ts";
import { isFile } from "../../../support/paths.ts";
import { divertProgress, formatSeconds, type Progress, startLine } from "../../../support/progress.ts";
import { markRunning, PARTIAL_FILE, STATUS_FILE } from "./files.ts";
import { openTerminalTable } from "./terminal_table.ts";

/** What is known of a running evaluation: on the terminal, and in files for those who look at it from elsewhere. */
export interface RunBoard extends Disposable {
  begin(dataset: string, system: string): void;
  /** It waits for the rest of its figures. */
  pause(dataset: string, system: string): void;
  /** @param error why it failed; null where it did not */
  end(dataset: string, system: string, error: string | null): void;
  /** Cells of the data set that is being measured, as far as they are done. */
  found(cells: readonly Cell[]): void;
}

/** What the board is told at the start. */
export interface BoardOptions {
  readonly out: string;
  readonly quiet: boolean;
  readonly command: readonly string[];
  /** The results file so far, with the cells that were just found. */
  partial(cells: readonly Cell[]): Results;
}

type Entry = { -readonly [K in keyof CellStatus]: CellStatus[K] } & { began: number };

/** Shortest time between two writings of the status, ms. */
const PATIENCE = 1000;

/**
 * Begins to show cells: as a live table where standard error is a terminal, else as one line for each cell that is done. `status.json`
 * and `partial.json` lie beside the results until the board is closed.
 */
export async function startRunBoard(
  cells: readonly { readonly dataset: string; readonly system: string }[],
  { out, quiet, command, partial }: BoardOptions,
): Promise<RunBoard> {
  const started = new Date().toISOString();
  const entries = cells.map(({ dataset, system }): Entry => {
    return { dataset, system, state: "waiting", seconds: null, job: null, error: null, began: 0 };
  });
  const files = { status: join(out, STATUS_FILE), partial: join(out, PARTIAL_FILE) };
  makeFolder(out);
  checkOwnResults(out);
  const running = markRunning(out);
  for (const file of Object.values(files)) unfinishedUntilDone(file, "beside");
  const table = !quiet && Deno.stderr.isTerminal() ? await openTerminalTable(() => snapshot(entries)) : null;
  let written = 0;
  const changed = (urgent: boolean) => {
    const now = Date.now();
    if (!urgent && now - written < PATIENCE) return;
    written = now;
    const updated = new Date(now).toISOString();
    const status: RunStatus = {
      format: "latebench-status",
      command: [...command],
      started,
      updated,
      cells: snapshot(entries),
    };
    writeJson(files.status, status);
  };
  const find = (dataset: string, system: string) => {
    return entries.find((entry) => entry.dataset === dataset && entry.system === system);
  };
  const set = (dataset: string, system: string, state: Entry["state"], error: string | null) => {
    const entry = find(dataset, system);
    if (!entry) return;
    if (state === "running") entry.began = performance.now();
    else if (entry.state === "running") entry.seconds = (entry.seconds ?? 0) + secondsSince(entry.began);
    Object.assign(entry, { state, error, job: null });
    changed(true);
    if (quiet || table || (state !== "done" && state !== "failed")) return;
    const over = entries.filter((entry) => entry.state === "done" || entry.state === "failed").length;
    const time = formatSeconds(entry.seconds ?? 0);
    console.error(`cell ${over} of ${entries.length}: ${system} on ${dataset} ${state} in ${time}`);
  };
  changed(true);
  const diverted = divertProgress({
    start(label, total, unit, already) {
      const line = table ? null : startLine(label, total, unit, already);
      const began = performance.now();
      return follow(line, (done) => {
        const job = done === null ? null : { label, done, total, unit, seconds: secondsSince(began) };
        for (const entry of entries) if (entry.state === "running") entry.job = job;
        changed(false);
      });
    },
  });
  return {
    begin: (dataset, system) => set(dataset, system, "running", null),
    pause: (dataset, system) => set(dataset, system, "waiting", null),
    end: (dataset, system, error) => set(dataset, system, error === null ? "done" : "failed", error),
    found: (cells) => writeJson(files.partial, partial(cells)),
    [Symbol.dispose]() {
      diverted[Symbol.dispose]();
      table?.[Symbol.dispose]();
      for (const file of Object.values(files)) {
        removeIfThere(file);
        finished(file);
      }
      running[Symbol.dispose]();
    },
  };
}

/** @throws {LatebenchError} where a file that is not latebench's own would be replaced or removed */
function checkOwnResults(out: string): void {
  for (const name of [STATUS_FILE, PARTIAL_FILE, RESULTS_FILE]) {
    const path = join(out, name);
    if (isFile(path) && !/"format":\s*"latebench-/.test(beginningOf(path))) {
      throw badInput(path, "a file that latebench did not write", "a folder of its own for results (--out)");
    }
  }
}

function beginningOf(path: string): string {
  try {
    using file = openFile(path);
    const bytes = new Uint8Array(1 << 16);
    return new TextDecoder().decode(bytes.subarray(0, file.readSync(bytes) ?? 0));
  } catch (error) {
    throw explainIoError(error, path);
  }
}

/** Passes progress on to a line, if any, and to the board; null: the job is over. */
function follow(line: Progress | null, tell: (done: number | null) => void): Progress {
  const stop = () => {
    line?.stop();
    tell(null);
  };
  return {
    update(done) {
      line?.update(done);
      tell(done);
    },
    stop,
    [Symbol.dispose]: stop,
  };
}

function snapshot(entries: readonly Entry[]): CellStatus[] {
  return entries.map(({ began, seconds, ...cell }) => {
    return { ...cell, seconds: cell.state === "running" ? (seconds ?? 0) + secondsSince(began) : seconds };
  });
}

function secondsSince(began: number): number {
  return (performance.now() - began) / 1000;
}
