import { type StopMessage, STOPS } from "./stop_signals.ts";
import { dropTemporary } from "./temporary.ts";
import { isAnythingHalf, unfinishedPaths, watchUnfinished } from "./unfinished.ts";

/** How long the end of a stopped program may take, ms. */
const PATIENCE = 10_000;

/**
 * Runs a program so that SIGINT and SIGTERM leave nothing half: what is unfinished (`unfinished.ts`) is removed, and the exit code is
 * {@link STOPS}'. Locks and the processes that it has started end with it. Where the program may call libraries, signals are also watched
 * in a thread of its own, since long calculations keep this one from hearing them. They are watched from the first file on: programs that
 * write nothing can end at any time.
 *
 * @returns the program's own exit code
 */
export async function endCleanly(program: () => Promise<number>): Promise<number> {
  const stopping = new SharedArrayBuffer(4);
  using _watch = watchSignals(stopping);
  try {
    return await program();
  } finally {
    // What fails now may fail because its files were taken away: the signal is the reason that counts.
    const flag = new Int32Array(stopping);
    if (Atomics.load(flag, 0) !== 0) Atomics.wait(flag, 0, 1, PATIENCE);
  }
}

function mayEndElsewhere(): boolean {
  return Deno.build.os !== "windows" && Deno.permissions.querySync({ name: "ffi" }).state === "granted";
}

/** A thread that has nothing to watch for so long, ms, is ended: while it is there, Deno sees no end of a program that waits in vain. */
const IDLE = 5000;

function watchSignals(stopping: SharedArrayBuffer): Disposable {
  const apart = mayEndElsewhere();
  let worker: Worker | null = null;
  let stop: (() => void) | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = () => {
    worker?.terminate();
    worker = null;
  };
  const watch = watchUnfinished((path, kind) => {
    stop ??= listen(new Int32Array(stopping));
    if (worker) worker.postMessage({ path, begins: kind !== null } satisfies StopMessage);
    else if (kind === "half" && apart) worker = startThread(stopping);
    clearTimeout(timer);
    if (!worker || isAnythingHalf()) return;
    const idle = setTimeout(end, IDLE);
    Deno.unrefTimer(idle);
    timer = idle;
  });
  return {
    [Symbol.dispose]() {
      watch[Symbol.dispose]();
      clearTimeout(timer);
      stop?.();
      end();
    },
  };
}

function startThread(stopping: SharedArrayBuffer): Worker {
  const worker = new Worker(new URL("./stop_worker.ts", import.meta.url), { type: "module", name: "signals" });
  worker.onerror = (event) => event.preventDefault(); // then signals end the program as they always do
  worker.postMessage({ stopping } satisfies StopMessage);
  for (const path of unfinishedPaths()) worker.postMessage({ path, begins: true } satisfies StopMessage);
  return worker;
}

/** @param stopping [0] is set by whoever hears of a signal first */
function listen(stopping: Int32Array): () => void {
  const listeners = (["SIGINT", "SIGTERM"] as const).map((signal) => {
    const end = () => {
      if (Atomics.exchange(stopping, 0, 1) !== 0) Atomics.wait(stopping, 0, 1, PATIENCE);
      for (const path of unfinishedPaths()) dropTemporary(path);
      console.error(`latebench: ended by ${signal}`);
      Deno.exit(STOPS[signal]);
    };
    Deno.addSignalListener(signal, end);
    return () => Deno.removeSignalListener(signal, end);
  });
  return () => listeners.forEach((remove) => remove());
}
