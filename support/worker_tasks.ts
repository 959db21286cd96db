// The worker's side of a pool, apart from the other one: that needs Node's threads, which take a worker 10 ms to load.
import { type ExitCode, LatebenchError } from "./errors.ts";

/** What a worker answers to one task; or, last of all, why it ends before its time. */
export type Reply<R> =
  | { readonly id: number; readonly result: R }
  | { readonly id: number; readonly error: WorkerFailure }
  | { readonly died: string };

/** What a worker is sent: first a port that closes when its thread ends, however that happens; then tasks. */
export type Message<T> = { readonly life: unknown } | { readonly id: number; readonly task: T };

/** What a task has thrown. */
export interface WorkerFailure {
  readonly message: string;
  readonly exitCode?: ExitCode;
}

/** What a worker sends back: the result, and the buffers of it that are moved and not copied. */
export interface TaskResult<R> {
  readonly result: R;
  readonly transfer?: Transferable[];
}

/** In a worker: answers every task with what `handle` makes of it, one at a time, in the order in which they came. */
export function serveTasks<T, R>(handle: (task: T) => TaskResult<R> | Promise<TaskResult<R>>): void {
  const scope = globalThis as unknown as {
    onmessage: (event: MessageEvent<Message<T>>) => void;
    onmessageerror: () => void;
    addEventListener(type: "error", listen: (event: ErrorEvent) => void): void;
    addEventListener(type: "unhandledrejection", listen: (event: PromiseRejectionEvent) => void): void;
    postMessage(message: Reply<R>, transfer: Transferable[]): void;
    close(): void;
  };
  const die = (why: string) => {
    scope.postMessage({ died: why.split("\n")[0] }, []);
    scope.close();
  };
  let last: Promise<void> = Promise.resolve();
  let life: unknown; // held for as long as the thread lives
  scope.onmessage = ({ data }) => {
    if ("life" in data) {
      life ??= data.life;
      return;
    }
    const { id, task } = data;
    last = last.then(async () => {
      try {
        const { result, transfer = [] } = await handle(task);
        scope.postMessage({ id, result }, transfer);
      } catch (error) {
        const exitCode = error instanceof LatebenchError ? error.exitCode : undefined;
        scope.postMessage({ id, error: { message: describe(error), exitCode } }, []);
      }
    });
  };
  scope.onmessageerror = () => die("it was sent what cannot be read");
  // Else Deno ends the thread by itself, and prints a trace.
  scope.addEventListener("error", (event) => {
    event.preventDefault();
    die(event.message);
  });
  scope.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    die(String(event.reason));
  });
}

function describe(error: unknown): string {
  if (error instanceof LatebenchError) return error.message;
  return error instanceof Error ? error.stack ?? error.message : String(error);
}
