/** Runs something, sync or async, and tells the watchdog when it begins and ends. */
export type Guard = <T>(act: () => T) => T;

/** Guards that do nothing, for what is trusted. */
export const UNGUARDED: Guard = (act) => act();

/** Something that is watched. */
export interface Watched {
  /** Seconds after which it counts as hanging. */
  readonly seconds: number;
  /** What is said then, in one line. */
  readonly line: string;
}

/** What the watchdog's thread is told at first. */
export interface WatchdogTask {
  readonly watched: readonly Watched[];
  /** Int32 a watched thing: 0, or a number that is another one each time it begins or ends something. */
  readonly state: SharedArrayBuffer;
}

/** A thread that ends the process where the thread that started it hangs. */
export interface Watchdog extends Disposable {
  /** A guard for each watched thing, in their order. */
  readonly guards: readonly Guard[];
}

/**
 * Starts a watchdog. A native call or a regular expression that does not end can be interrupted from no thread: the watchdog
 * writes the line to standard error, and ends the process with exit code 2.
 */
export function startWatchdog(watched: readonly Watched[]): Watchdog {
  const state = new SharedArrayBuffer(4 * watched.length);
  const cells = new Int32Array(state);
  const worker = new Worker(new URL("./watchdog_worker.ts", import.meta.url), { type: "module" });
  worker.postMessage({ watched, state } satisfies WatchdogTask);
  return {
    guards: watched.map((_, index) => guardOf(cells, index)),
    [Symbol.dispose]: () => worker.terminate(),
  };
}

function guardOf(cells: Int32Array, index: number): Guard {
  let running = 0;
  let count = 0;
  const change = (by: 1 | -1) => {
    running += by;
    count = count % 1_000_000_000 + 1;
    Atomics.store(cells, index, running > 0 ? count : 0);
  };
  return (act) => {
    change(1);
    let result: ReturnType<typeof act>;
    try {
      result = act();
    } catch (error) {
      change(-1);
      throw error;
    }
    if (!(result instanceof Promise)) {
      change(-1);
      return result;
    }
    return result.finally(() => change(-1)) as typeof result;
  };
}
