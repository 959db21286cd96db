import type { Matrix } from "../../../encoders/encoder.ts";
import { serveTasks, type TaskResult } from "../../../support/worker_pool.ts";
import type { PlaidSetup } from "../index/open_index.ts";
import { openEngine, type PlaidEngine } from "./engine.ts";
import { type Allowed, type Found, runPipeline, scorePassages } from "./pipeline.ts";
import type { SearchPlan } from "./plan.ts";

/** What a search worker can be asked for; `open` comes first. */
export type PlaidTask =
  | { readonly open: PlaidSetup }
  | { readonly search: Matrix; readonly k: number; readonly plan: SearchPlan; readonly allowed: Allowed }
  | { readonly score: Matrix; readonly passages: Int32Array; readonly plan: SearchPlan };

let engine: PlaidEngine | undefined;

serveTasks<PlaidTask, Found | null>((task): TaskResult<Found | null> => {
  if ("open" in task) {
    engine = openEngine(task.open);
    return { result: null };
  }
  if (!engine) throw new Error("the first task of a search worker must be open");
  return { result: answer(engine, task) };
});

/** Runs one task on one thread. */
function answer(engine: PlaidEngine, task: Exclude<PlaidTask, { open: PlaidSetup }>): Found {
  if ("search" in task) return runPipeline(engine, task.search, task.k, task.plan, task.allowed);
  return scorePassages(engine, task.score, task.passages, task.plan);
}
