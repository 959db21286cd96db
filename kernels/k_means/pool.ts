import { startWorkerPool, type WorkerPool } from "../../support/worker_pool.ts";
import type { KernelChoice } from "../kernel.ts";
import type { KMeansTask } from "./worker.ts";

/** Workers that share k-means' work. */
export type KMeansPool = WorkerPool<KMeansTask, null>;

/** Starts workers for k-means and assignment. */
export async function startKMeansPool(kernel: KernelChoice, threads: number): Promise<KMeansPool> {
  const pool = startWorkerPool<KMeansTask, null>(new URL("./worker.ts", import.meta.url), threads);
  try {
    await Promise.all(Array.from({ length: threads }, (_, worker) => pool.runOn(worker, { open: kernel })));
    return pool;
  } catch (error) {
    pool.close();
    throw error;
  }
}
