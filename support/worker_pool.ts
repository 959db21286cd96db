import { type ExitCode, LatebenchError } from "./errors.ts";

/** What a worker answers to one task. */
type Reply<R> = { readonly id: number; readonly result: R } | { readonly id: number; readonly error: WorkerFailure };

interface WorkerFailure {
  readonly message: string;
  readonly exitCode?: ExitCode;
}

/** A fixed number of workers that run tasks of one kind. */
export interface WorkerPool<T, R> {
  readonly size: number;
  /** Runs a task on the worker that is idle first; tasks start in the order given. */
  run(task: T, transfer?: Transferable[]): Promise<R>;
  /** Runs a task on worker `index`, after those that it already has. */
  runOn(index: number, task: T, transfer?: Transferable[]): Promise<R>;
  /** Ends the workers; tasks that have not ended are rejected. */
  close(): void;
}

/**
 * Starts `size` module workers of the file `url`. Each must call {@link serveTasks}.
 *
 * @param size number of workers, at least 1
 */
export function startWorkerPool<T, R>(url: URL, size: number): WorkerPool<T, R> {
  interface Waiting {
    readonly resolve: (result: R) => void;
    readonly reject: (error: unknown) => void;
  }
  const pending = Array.from({ length: size }, () => new Map<number, Waiting>());
  const queue: { task: T; transfer: Transferable[]; waiting: Waiting }[] = [];
  let nextId = 0;
  const workers = pending.map((own, index) => {
    const worker = new Worker(url, { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<Reply<R>>) => {
      const waiting = own.get(data.id);
      own.delete(data.id);
      const next = own.size === 0 ? queue.shift() : undefined;
      if (next) send(index, next.task, next.transfer, next.waiting);
      if (!waiting) return;
      if ("error" in data) waiting.reject(revive(data.error));
      else waiting.resolve(data.result);
    };
    worker.onerror = (event) => {
      event.preventDefault();
      for (const waiting of own.values()) waiting.reject(new Error(event.message));
      own.clear();
    };
    return worker;
  });
  const send = (index: number, task: T, transfer: Transferable[], waiting: Waiting) => {
    const id = nextId++;
    pending[index].set(id, waiting);
    workers[index].postMessage({ id, task }, transfer);
  };
  return {
    size,
    run: (task, transfer = []) =>
      new Promise((resolve, reject) => {
        const idle = pending.findIndex((own) => own.size === 0);
        const waiting = { resolve, reject };
        if (idle >= 0) send(idle, task, transfer, waiting);
        else queue.push({ task, transfer, waiting });
      }),
    runOn: (index, task, transfer = []) =>
      new Promise((resolve, reject) => send(index, task, transfer, { resolve, reject })),
    close() {
      for (const worker of workers) worker.terminate();
      const closed = new Error("the worker pool was closed");
      for (const own of pending) for (const waiting of own.values()) waiting.reject(closed);
      for (const { waiting } of queue.splice(0)) waiting.reject(closed);
    },
  };
}

/**
 * Starts workers whose first task is `first`, and waits until all have done it; where one cannot, all are ended.
 *
 * @throws what the worker threw
 */
export async function openWorkerPool<T, R>(url: URL, size: number, first: T): Promise<WorkerPool<T, R>> {
  const pool = startWorkerPool<T, R>(url, size);
  try {
    await Promise.all(Array.from({ length: size }, (_, worker) => pool.runOn(worker, first)));
    return pool;
  } catch (error) {
    pool.close();
    throw error;
  }
}

/** What a worker sends back: the result, and the buffers of it that are moved and not copied. */
export interface TaskResult<R> {
  readonly result: R;
  readonly transfer?: Transferable[];
}

/** In a worker: answers every task with what `handle` makes of it, one at a time, in the order in which they came. */
export function serveTasks<T, R>(handle: (task: T) => TaskResult<R> | Promise<TaskResult<R>>): void {
  const scope = globalThis as unknown as {
    onmessage: (event: MessageEvent<{ id: number; task: T }>) => void;
    postMessage(message: Reply<R>, transfer: Transferable[]): void;
  };
  let last: Promise<void> = Promise.resolve();
  scope.onmessage = ({ data: { id, task } }) => {
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
}

function describe(error: unknown): string {
  if (error instanceof LatebenchError) return error.message;
  return error instanceof Error ? error.stack ?? error.message : String(error);
}

function revive({ message, exitCode }: WorkerFailure): Error {
  return exitCode === undefined ? new Error(message) : new LatebenchError(message, exitCode);
}
