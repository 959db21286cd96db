import type { Clock } from "./clock.ts";
import type { Send } from "./load.ts";
import { median } from "./percentiles.ts";

/** How a warm-up went. */
export interface WarmUp {
  readonly searches: number;
  /** Times had become steady when it ended; else it ended since it had lasted long enough. */
  readonly settled: boolean;
}

/** Searches of which the median is taken. */
const WINDOW = 50;

/** How far two medians in a row may lie apart. */
const STEADY = 0.02;

const MOST_SEARCHES = 1000;

/** Searches until the median time of the last 50 lies within 2 % of that of the 50 before. */
export async function warmUp(
  send: Send,
  queries: ArrayLike<number>,
  seconds: number,
  clock: Clock,
): Promise<WarmUp> {
  const times: number[] = [];
  const began = clock.now();
  for (let i = 0; i < MOST_SEARCHES && clock.now() - began < 1000 * seconds; i++) {
    const started = clock.now();
    await send(queries[i % queries.length]);
    times.push(clock.now() - started);
    if (times.length < 2 * WINDOW) continue;
    const last = median(times.slice(-WINDOW));
    const before = median(times.slice(-2 * WINDOW, -WINDOW));
    if (Math.abs(last / before - 1) <= STEADY) return { searches: times.length, settled: true };
  }
  return { searches: times.length, settled: false };
}
