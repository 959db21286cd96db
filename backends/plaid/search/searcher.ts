import type { Matrix } from "../../../encoders/encoder.ts";
import { inBatches } from "../../../support/batches.ts";
import { openWorkerPool, type WorkerPool } from "../../../support/worker_pool.ts";
import type { PlaidSetup } from "../index/open_index.ts";
import { openEngine, type PlaidEngine } from "./engine.ts";
import type { Allowed, Found } from "./pipeline.ts";
import type { SearchPlan } from "./plan.ts";
import type { PlaidTask } from "./search_worker.ts";
import { type QueryTask, runTask } from "./task.ts";

/** Searches of one index. */
export interface PlaidSearcher extends Disposable {
  readonly engine: PlaidEngine;
  search(query: Matrix, k: number, plan: SearchPlan, allowed: Allowed): Promise<Found>;
  score(query: Matrix, passages: Int32Array, plan: SearchPlan): Promise<Found>;
}

/** Searches that are given to the workers at once, for each of them. */
const EACH = 8;

/**
 * A query that comes alone is searched here, at once: to ask another thread would take a good part of the time. Queries that come
 * together are spread over as many workers as there are threads, one query a worker.
 */
export function openSearcher(setup: PlaidSetup, threads: number): PlaidSearcher {
  const engine = openEngine(setup);
  let pool: Promise<WorkerPool<PlaidTask, Found | null>> | undefined;
  let closed = false;
  const run = inBatches<QueryTask, Found>(EACH * threads, async (group) => {
    if (group.length === 1 || threads === 1) return group.map((task) => runTask(engine, task));
    const url = new URL("./search_worker.ts", import.meta.url);
    const workers = await (pool ??= openWorkerPool(url, threads, { open: setup }));
    return await Promise.all(group.map(async (task) => (await workers.run(task))!));
  });
  return {
    engine,
    search: (query, k, plan, allowed) => run({ search: query, k, plan, allowed }),
    score: (query, passages, plan) => run({ score: query, passages, plan }),
    [Symbol.dispose]() {
      if (closed) return;
      closed = true;
      engine.close();
      pool?.then((workers) => workers.close(), () => {}); // one that did not open is closed
    },
  };
}
