import { serveTasks, type TaskResult } from "../../../support/worker_tasks.ts";
import type { PlaidSetup } from "../index/open_index.ts";
import { openEngine, type PlaidEngine } from "./engine.ts";
import type { Found } from "./pipeline.ts";
import { type QueryTask, runTask } from "./task.ts";

/** What a search worker can be asked for; `open` comes first. */
export type PlaidTask = { readonly open: PlaidSetup } | QueryTask;

let engine: PlaidEngine | undefined;

serveTasks<PlaidTask, Found | null>((task): TaskResult<Found | null> => {
  if ("open" in task) {
    engine = openEngine(task.open);
    return { result: null };
  }
  if (!engine) throw new Error("the first task of a search worker must be open");
  return { result: runTask(engine, task) };
});
