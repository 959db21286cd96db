// @ts-types="@types/cli-progress"
import cliProgress from "cli-progress";
import { visibleText } from "./visible_text.ts";

/** Progress of one long job on standard error. */
export interface Progress extends Disposable {
  /** Sets how much is done, in the job's unit. */
  update(done: number): void;
  /** Ends the line. */
  stop(): void;
}

/** How progress is shown. */
export interface ProgressOptions {
  /** Shows nothing. */
  readonly quiet: boolean;
}

/** Where progress is shown. */
export interface ProgressDisplay {
  start(label: string, total: number, unit: string, already: number): Progress;
}

let display: ProgressDisplay = { start: startLine };

/** Shows progress elsewhere until the returned object is disposed: the program has one standard error. */
export function divertProgress(to: ProgressDisplay): Disposable {
  const before = display;
  display = to;
  return {
    [Symbol.dispose]() {
      display = before;
    },
  };
}

/**
 * Starts to show progress with rate and time left.
 *
 * @param label what is being done, e.g. `encode msmarco-dl19`
 * @param total how much there is to do
 * @param unit what is counted, in the plural, e.g. `passages`
 * @param already how much was done before this start (a resumed job): not counted in the rate
 */
export function startProgress(
  label: string,
  total: number,
  unit: string,
  options: ProgressOptions,
  already = 0,
): Progress {
  if (options.quiet) return { update() {}, stop() {}, [Symbol.dispose]() {} };
  return display.start(label, total, unit, already);
}

/** A line of its own for a job: a bar on a terminal, plain lines every few seconds elsewhere. */
export function startLine(label: string, total: number, unit: string, already: number): Progress {
  const name = visibleText(label);
  const started = performance.now();
  let value = already;
  const figures = () => {
    const seconds = (performance.now() - started) / 1000;
    const rate = (value - already) / Math.max(seconds, 1e-9);
    const left = rate > 0 ? formatSeconds((total - value) / rate) : "?";
    return `${value}/${total} ${unit}, ${rate.toFixed(rate < 10 ? 1 : 0)} ${unit}/s, ${left} left`;
  };
  const bar = new cliProgress.SingleBar({
    noTTYOutput: true,
    notTTYSchedule: 5000,
    hideCursor: true,
    barsize: 24,
    format: (options, params) =>
      Deno.stderr.isTerminal()
        ? `${name} ${cliProgress.Format.BarFormat(params.progress, options)} ${figures()}`
        : `${name}: ${figures()}`,
  });
  bar.start(total, already);
  return {
    update(done) {
      value = done;
      bar.update(done);
    },
    stop: () => bar.stop(),
    [Symbol.dispose]: () => bar.stop(),
  };
}

/** A duration for people: `12 s`, `3 min 05 s`, `2 h 10 min`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`;
  return `${Math.floor(whole / 3600)} h ${String(Math.floor(whole / 60) % 60).padStart(2, "0")} min`;
}
