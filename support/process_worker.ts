import process from "node:process";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { type ExitCode, LatebenchError, notAvailable, quote } from "./errors.ts";
import { fromFileUrl } from "./paths.ts";

type Reply<R> =
  | { readonly id: number; readonly result: R }
  | { readonly id: number; readonly error: string; readonly exitCode?: ExitCode };

/**
 * A script that runs in a process of its own and does one task after the other. Where it ends before its time, every task that has
 * not ended, and every later one, is rejected with one line (exit code 4).
 */
export interface ProcessWorker<T, R> extends AsyncDisposable {
  readonly pid: number;
  ask(task: T): Promise<R>;
}

/** What scripts of their own may do: of programs, they may ask the compiler for its version, and they have no network. */
const FLAGS = [
  "--allow-read",
  "--allow-write",
  "--allow-env=ORT_DISABLE_TELEMETRY,OPENBLAS_NUM_THREADS,LATEBENCH_LIMITS,LOG_TOKENS,LOG_STREAM",
  "--allow-sys=uid,homedir",
  "--allow-ffi",
  "--allow-run=cc",
];

/** How long a process that has ended may hold back its last lines, and one that is no longer needed may go on, ms. */
const PATIENCE = 5000;

/**
 * Starts a script in a process of its own: what it allocates, caches and compiles is nobody else's. It must call
 * {@link serveProcess}. Tasks and answers are JSON, one a line.
 *
 * @throws {LatebenchError} exit code 4 where no process can be started
 */
export function startProcess<T, R>(script: URL): ProcessWorker<T, R> {
  interface Waiting {
    readonly resolve: (result: R) => void;
    readonly reject: (error: unknown) => void;
  }
  const config = fromFileUrl(new URL("../deno.json", import.meta.url));
  const args = [
    "run",
    "--quiet",
    "--no-prompt",
    "--v8-flags=--expose-gc",
    "--config",
    config,
    ...FLAGS,
    fromFileUrl(script),
  ];
  const name = script.pathname.split("/").at(-1);
  const child = spawn(args);
  const input = child.stdin.getWriter();
  input.closed.catch(() => {}); // a write says so, too
  const encoder = new TextEncoder();
  const pending = new Map<number, Waiting>();
  let nextId = 0;
  let ended: LatebenchError | undefined;
  const end = (why: string) => {
    ended ??= notAvailable(`${name} ${why}`);
    for (const waiting of pending.values()) waiting.reject(ended);
    pending.clear();
    kill(child);
  };
  const read = async () => {
    for await (const line of createInterface({ input: Readable.from(child.stdout) })) {
      const reply = parseReply<R>(line);
      const waiting = reply && pending.get(reply.id);
      if (!waiting) return end(`wrote ${quote(line)} instead of an answer`);
      pending.delete(reply.id);
      if ("result" in reply) waiting.resolve(reply.result);
      else {
        const { error, exitCode } = reply;
        waiting.reject(exitCode === undefined ? new Error(error) : new LatebenchError(error, exitCode));
      }
    }
  };
  const told = read().catch(() => {});
  const over = child.status.then(async ({ code, signal }) => {
    await withPatience(told); // programs that it has started may hold its output open
    end(`ended before it answered (${signal ?? `exit code ${code}`})`);
  });
  told.then(() => withPatience(over)).then(() => end("ended before it answered (it closed its output)"));
  return {
    pid: child.pid,
    async ask(task) {
      if (ended) throw ended;
      const id = nextId++;
      const line = encoder.encode(toLine({ id, task }));
      const answer = new Promise<R>((resolve, reject) => pending.set(id, { resolve, reject }));
      input.write(line).catch(() => {}); // it has ended, which `over` tells
      return await answer;
    },
    async [Symbol.asyncDispose]() {
      if (pending.size > 0) end("was ended");
      input.close().catch(() => {}); // it may have ended already
      await withPatience(over);
      kill(child);
      await over;
    },
  };
}

function parseReply<R>(line: string): Reply<R> | null {
  try {
    const reply = JSON.parse(line);
    return reply !== null && typeof reply === "object" && ("result" in reply || "error" in reply) ? reply : null;
  } catch {
    return null;
  }
}

/** Waits for something, but not for ever. */
async function withPatience(what: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  await Promise.race([what, new Promise((resolve) => timer = setTimeout(resolve, PATIENCE))]);
  clearTimeout(timer);
}

function kill(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGKILL");
  } catch { /* it has ended */ }
}

/** JSON in one line: readers of lines also end them where Unicode does. */
function toLine(value: unknown): string {
  return `${JSON.stringify(value).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029")}\n`;
}

/** The own executable where that is permitted, else the one of that name. */
function spawn(args: readonly string[]): Deno.ChildProcess {
  for (const program of [Deno.execPath(), "deno"]) {
    try {
      return new Deno.Command(program, { args: [...args], stdin: "piped", stdout: "piped", stderr: "inherit" }).spawn();
    } catch (error) {
      if (program === "deno") {
        throw notAvailable("no deno that may be run: a process of its own cannot be started", error);
      }
    }
  }
  throw new TypeError("no program");
}

/**
 * Answers the tasks on standard input until it ends; then the process ends, whatever threads it has started. Nothing else may
 * write to standard output.
 */
export async function serveProcess<T, R>(handle: (task: T) => Promise<R>): Promise<never> {
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, task } = JSON.parse(line) as { id: number; task: T };
    let reply: Reply<R>;
    try {
      reply = { id, result: await handle(task) };
    } catch (error) {
      const exitCode = error instanceof LatebenchError ? error.exitCode : undefined;
      reply = { id, error: error instanceof LatebenchError ? error.message : String((error as Error).stack), exitCode };
    }
    process.stdout.write(toLine(reply));
  }
  Deno.exit(0);
}
