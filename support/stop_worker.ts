/// <reference lib="deno.worker" />
import { type StopMessage, STOPS } from "./stop_signals.ts";

/** Ends the whole program, whatever its main thread is doing. */
const LIBRARY = Deno.build.os === "darwin" ? "libSystem.B.dylib" : "libc.so.6";
const SHOW_CURSOR = "\x1b[?25h";

const unfinished = new Set<string>();
let stopping: Int32Array = new Int32Array(1);

self.onmessage = ({ data }: MessageEvent<StopMessage>) => {
  if ("stopping" in data) stopping = new Int32Array(data.stopping);
  else if (data.begins) unfinished.add(data.path);
  else unfinished.delete(data.path);
};

const { symbols } = Deno.dlopen(LIBRARY, { _exit: { parameters: ["i32"], result: "void" } });
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => {
    if (Atomics.exchange(stopping, 0, 1) !== 0) return; // the main thread ends it
    for (const path of unfinished) remove(path);
    const cursor = Deno.stderr.isTerminal() ? SHOW_CURSOR : "";
    Deno.stderr.writeSync(new TextEncoder().encode(`${cursor}latebench: ended by ${signal}\n`));
    symbols._exit(STOPS[signal]);
  });
}

/** The main thread may be writing into a folder that goes: what it adds is removed with the next attempt. */
function remove(path: string): void {
  for (let attempt = 0; attempt < 5; attempt++) {
    try {
      Deno.removeSync(path, { recursive: true });
      return;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
    }
  }
}
