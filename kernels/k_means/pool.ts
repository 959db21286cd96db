import { openWorkerPool } from "../../support/worker_pool.ts";
import { createKernel, type KernelChoice, withSharedMemory } from "../kernel.ts";
import type { KMeansTask } from "./worker.ts";

/** Workers that share k-means' work. */
export interface KMeansPool {
  readonly size: number;
  run(task: KMeansTask): Promise<null>;
  /** Room that all workers reach without copying: the place for rows. */
  allocate(bytes: number): Uint8Array<SharedArrayBuffer>;
  close(): void;
}

/**
 * Runs a task for every `each` of `count` things, on all threads.
 *
 * @param task of those from `from` to `until`
 */
export async function runSplit(
  pool: KMeansPool,
  count: number,
  each: number,
  task: (from: number, until: number) => KMeansTask,
): Promise<void> {
  const tasks: Promise<null>[] = [];
  for (let from = 0; from < count; from += each) tasks.push(pool.run(task(from, Math.min(count, from + each))));
  await Promise.all(tasks);
}

/** Starts workers for k-means and assignment. */
export async function startKMeansPool(choice: KernelChoice, threads: number): Promise<KMeansPool> {
  const shared = withSharedMemory(choice);
  const kernel = createKernel(shared);
  const url = new URL("./worker.ts", import.meta.url);
  try {
    const pool = await openWorkerPool<KMeansTask, null>(url, threads, { open: shared });
    const close = () => {
      pool.close();
      kernel.close();
    };
    return { size: threads, run: (task) => pool.run(task), allocate: kernel.allocate, close };
  } catch (error) {
    kernel.close();
    throw error;
  }
}
