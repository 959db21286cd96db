import process from "node:process";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { type ExitCode, LatebenchError, notAvailable } from "./errors.ts";
import { fromFileUrl } from "./paths.ts";

type Reply<R> = { readonly result: R } | { readonly error: string; readonly exitCode?: ExitCode };

/** A script that runs in a process of its own and does one task after the other. */
export interface ProcessWorker<T, R> extends AsyncDisposable {
  readonly pid: number;
  ask(task: T): Promise<R>;
}

/** What scripts of their own may do: of programs, they may ask compilers for their version, and they have no network. */
const FLAGS = ["--allow-read", "--allow-write", "--allow-env", "--allow-sys", "--allow-ffi", "--allow-run=cc,c++"];

/**
 * Starts a script in a process of its own: what it allocates, caches and compiles is nobody else's. It must call
 * {@link serveProcess}. Tasks and answers are JSON, one a line.
 *
 * @throws {LatebenchError} exit code 4 where no process can be started
 */
export function startProcess<T, R>(script: URL): ProcessWorker<T, R> {
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
  const child = spawn(args);
  const input = child.stdin.getWriter();
  const encoder = new TextEncoder();
  const lines = createInterface({ input: Readable.from(child.stdout) })[
    Symbol.asyncIterator
  ]();
  return {
    pid: child.pid,
    async ask(task) {
      await input.write(encoder.encode(toLine(task)));
      const { value, done } = await lines.next();
      if (done) throw new Error(`${script.pathname.split("/").at(-1)} ended before it answered`);
      const reply = JSON.parse(value) as Reply<R>;
      if ("result" in reply) return reply.result;
      throw reply.exitCode === undefined ? new Error(reply.error) : new LatebenchError(reply.error, reply.exitCode);
    },
    async [Symbol.asyncDispose]() {
      await input.close().catch(() => {}); // it may have ended already
      await child.status;
    },
  };
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
    let reply: Reply<R>;
    try {
      reply = { result: await handle(JSON.parse(line)) };
    } catch (error) {
      const exitCode = error instanceof LatebenchError ? error.exitCode : undefined;
      reply = { error: error instanceof LatebenchError ? error.message : String((error as Error).stack), exitCode };
    }
    process.stdout.write(toLine(reply));
  }
  Deno.exit(0);
}
