import { fromFileUrl } from "../../support/paths.ts";
import { linesOf } from "./lines_of.ts";

/** What no attempt may need more of. */
export const LIMITS = { seconds: 10, memoryBytes: 2 ** 31 } as const;

/** How often a running attempt is looked at, ms. */
const INTERVAL = 100;
/** How long a child may take to end, ms. */
const FAREWELL = 5000;
/** Attempts after which a child is replaced: its memory is that of all of them. */
const ATTEMPTS = 250;
/** Runs of a starved machine end at some time, too: s on the wall. */
const PATIENCE = 180;

/** Marks a child's answers among whatever else reaches its standard output. */
export const ANSWER = "\u0001";

/** How an attempt ended where the child could not say so itself. */
export type Death = { readonly death: "signal" | "exit" | "hang" | "memory"; readonly detail: string };

/** A child process that answers one line with one line, and is watched meanwhile. */
export interface WatchedChild {
  /** Gives the child something to do; starts it (anew) where there is none. */
  ask(question: unknown): Promise<{ readonly answer: string; readonly peakBytes: number } | Death>;
  close(): Promise<void>;
}

/**
 * Keeps a child process of `module`, which gets `setup` as its argument. An attempt ends by an answer, by the child's death, or by
 * being killed: after ten seconds in which it was not waiting for a processor, or with more than 2 GiB.
 */
export function watchedChild(module: URL, setup: unknown): WatchedChild {
  let running: ReturnType<typeof start> | null = null;
  let attempts = 0;
  const close = async () => {
    if (!running) return;
    const { child, writer } = running;
    running = null;
    await writer.close().catch(() => {});
    // What an attempt has left running must not keep everything else waiting.
    const timer = setTimeout(() => child.kill("SIGKILL"), FAREWELL);
    await child.status;
    clearTimeout(timer);
  };
  return {
    async ask(question) {
      if (++attempts % ATTEMPTS === 0) await close();
      running ??= start(module, setup);
      const { child, lines, writer, errors } = running;
      await writer.write(new TextEncoder().encode(`${JSON.stringify(question)}\n`)).catch(() => {});
      forgetPeak(child.pid);
      const watch = watchProcess(child.pid);
      const next = await Promise.race([lines.next(), watch.exceeded]);
      const peakBytes = watch.stop();
      if ("value" in next && next.value !== undefined) return { answer: next.value, peakBytes };
      if ("death" in next) child.kill("SIGKILL");
      const status = await child.status;
      running = null;
      if ("death" in next) return next;
      const tail = errors().slice(-2000);
      if (status.signal) return { death: "signal", detail: `${status.signal} ${tail}` };
      return { death: "exit", detail: `exit code ${status.code}: ${tail}` };
    },
    close,
  };
}

function start(module: URL, setup: unknown) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-prompt", "--no-check", fromFileUrl(module), JSON.stringify(setup)],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  let text = "";
  (async () => {
    for await (const part of child.stderr.pipeThrough(new TextDecoderStream())) text = (text + part).slice(-10_000);
  })();
  return { child, lines: answers(child.stdout), writer: child.stdin.getWriter(), errors: () => text };
}

async function* answers(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string, undefined> {
  for await (const line of linesOf(stream)) {
    const at = line.indexOf(ANSWER);
    if (at >= 0) yield line.slice(at + 1);
  }
}

/** Looks at a process until it is stopped, or the process takes more than it may. */
export function watchProcess(pid: number): { readonly exceeded: Promise<Death>; stop(): number } {
  const started = performance.now();
  const before = waitsOf(pid);
  let peakBytes = 0;
  let exceed: (death: Death) => void = () => {};
  const exceeded = new Promise<Death>((resolve) => exceed = resolve);
  const look = () => {
    peakBytes = Math.max(peakBytes, peakOf(pid));
    const wall = (performance.now() - started) / 1000;
    // Threads wait for one another in turn: what each has lost, all have.
    const lost = [...waitsOf(pid)].reduce((sum, [task, wait]) => sum + Math.max(0, wait - (before.get(task) ?? 0)), 0);
    const own = wall - lost;
    if (peakBytes > LIMITS.memoryBytes) exceed({ death: "memory", detail: `${(peakBytes / 2 ** 20).toFixed(0)} MiB` });
    if (own > LIMITS.seconds * crowding() || wall > PATIENCE) {
      exceed({ death: "hang", detail: `more than ${LIMITS.seconds} s` });
    }
  };
  const timer = setInterval(look, INTERVAL);
  return {
    exceeded,
    stop() {
      clearInterval(timer);
      return Math.max(peakBytes, peakOf(pid));
    },
  };
}

/** How many processes want each processor, at least 1: they also wait for one another's disk and compilers. */
function crowding(): number {
  const load = Number(readProc("loadavg").split(" ")[0]);
  return Math.max(1, load / navigator.hardwareConcurrency);
}

/** The most memory that a process has had, bytes; 0 where it is gone. */
function peakOf(pid: number): number {
  return 1024 * Number(/VmHWM:\s+(\d+)/.exec(readProc(`${pid}/status`))?.[1] ?? 0);
}

/** Lets the kernel measure the peak from now on. */
function forgetPeak(pid: number): void {
  try {
    Deno.writeTextFileSync(`/proc/${pid}/clear_refs`, "5");
  } catch {
    // Then the peak is that of all attempts so far, which is no less strict.
  }
}

/** How long each thread of a process has waited for a processor, s. */
function waitsOf(pid: number): Map<string, number> {
  const wait = (task: string) => Number(readProc(`${pid}/task/${task}/schedstat`).split(" ")[1] ?? 0) / 1e9;
  return new Map(tasksOf(pid).map((task) => [task, wait(task)]));
}

function tasksOf(pid: number): string[] {
  try {
    return [...Deno.readDirSync(`/proc/${pid}/task`)].map(({ name }) => name);
  } catch {
    return [];
  }
}

function readProc(path: string): string {
  try {
    return Deno.readTextFileSync(`/proc/${path}`);
  } catch {
    return "";
  }
}
