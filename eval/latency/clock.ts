/** Time, real or made up. */
export interface Clock {
  /** Monotonic, ms. */
  now(): number;
  /** Waits until `now()` has reached a time; other work of this thread goes on meanwhile. */
  until(time: number): Promise<void>;
}

/** Timers end up to so much too late, ms: the rest of a wait is spent looking at the clock. */
const TIMER_ERROR = 1.5;

/** The machine's monotonic clock. */
export const REAL_CLOCK: Clock = {
  now: () => performance.now(),
  async until(time) {
    const rest = time - performance.now() - TIMER_ERROR;
    if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
    while (performance.now() < time) await new Promise((resolve) => setImmediate(resolve));
  },
};
