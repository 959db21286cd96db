import type { Matrix } from "../../../encoders/encoder.ts";
import type { PlaidEngine } from "./engine.ts";
import { type Allowed, type Found, runPipeline, scorePassages } from "./pipeline.ts";
import type { SearchPlan } from "./plan.ts";

/** One query's work, on whichever thread. */
export type QueryTask =
  | { readonly search: Matrix; readonly k: number; readonly plan: SearchPlan; readonly allowed: Allowed }
  /** Scores of just these passages. */
  | { readonly score: Matrix; readonly passages: Int32Array; readonly plan: SearchPlan };

/** Does a query's work. */
export function runTask(engine: PlaidEngine, task: QueryTask): Found {
  if ("search" in task) return runPipeline(engine, task.search, task.k, task.plan, task.allowed);
  return scorePassages(engine, task.score, task.passages, task.plan);
}
