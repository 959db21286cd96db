import { MessageChannel } from "node:worker_threads";
import { LatebenchError, notAvailable } from "./errors.ts";
import type { Message, Reply, WorkerFailure } from "./worker_tasks.ts";

/**
 * A fixed number of workers that run tasks of one kind. Workers hold state that later tasks need, so none is replaced: where one of
 * them ends before its time, the others are ended too, and every task that has not ended, and every later one, is rejected with
 * one line (exit code 4).
 */
export interface WorkerPool<T, R> {
  readonly size: number;
  /** Runs a task on the worker that is idle first; tasks start in the order given. */
  run(task: T, transfer?: Transferable[]): Promise<R>;
  /** Runs a task on worker `index`, after those that it already has. */
  runOn(index: number, task: T, transfer?: Transferable[]): Promise<R>;
  /** Ends the workers; tasks that have not ended, and later ones, are rejected. */
  close(): void;
}

interface Waiting<R> {
  readonly resolve: (result: R) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Starts `size` module workers of the file `url`. Each must call {@link serveTasks}.
 *
 * @param size number of workers, at least 1
 */
export function startWorkerPool<T, R>(url: URL, size: number): WorkerPool<T, R> {
  const name = url.pathname.split("/").at(-1);
  const pending = Array.from({ length: size }, () => new Map<number, Waiting<R>>());
  const queue: { task: T; transfer: Transferable[]; waiting: Waiting<R> }[] = [];
  let nextId = 0;
  let ended: Error | undefined;
  const end = (reason: Error) => {
    if (ended) return;
    ended = reason;
    for (const { worker, life } of workers) {
      worker.terminate();
      life.close();
    }
    const all = [...pending.flatMap((own) => [...own.values()]), ...queue.splice(0).map(({ waiting }) => waiting)];
    for (const own of pending) own.clear();
    for (const waiting of all) waiting.reject(reason);
  };
  const died = (why: string) => end(notAvailable(`${name}: a worker thread ended before its time (${why})`));
  const workers = pending.map((own, index) => {
    const worker = new Worker(url, { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<Reply<R>>) => {
      if ("died" in data) return died(data.died);
      const waiting = own.get(data.id);
      own.delete(data.id);
      const next = own.size === 0 ? queue.shift() : undefined;
      if (next) send(index, next.task, next.transfer, next.waiting);
      if (!waiting) return;
      if ("error" in data) waiting.reject(revive(data.error));
      else waiting.resolve(data.result);
    };
    worker.onmessageerror = () => died("it sent what cannot be read");
    worker.onerror = (event) => {
      event.preventDefault();
      died(event.message.split("\n")[0]);
    };
    const { port1: life, port2 } = new MessageChannel();
    // Deno tells nobody when a worker closes itself, but closes the ports that it has (and tells so of Node's).
    life.on("close", () => died("it closed itself"));
    life.start();
    worker.postMessage({ life: port2 }, [port2 as unknown as Transferable]);
    return { worker, life };
  });
  const send = (index: number, task: T, transfer: Transferable[], waiting: Waiting<R>) => {
    if (ended) return waiting.reject(ended);
    const id = nextId++;
    try {
      workers[index].worker.postMessage({ id, task } satisfies Message<T>, transfer);
      pending[index].set(id, waiting);
    } catch (error) { // what cannot be copied to another thread: the worker stays idle
      waiting.reject(error);
      const next = pending[index].size === 0 ? queue.shift() : undefined;
      if (next) send(index, next.task, next.transfer, next.waiting);
    }
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
    close: () => end(new Error("the worker pool was closed")),
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

function revive({ message, exitCode }: WorkerFailure): Error {
  return exitCode === undefined ? new Error(message) : new LatebenchError(message, exitCode);
}
