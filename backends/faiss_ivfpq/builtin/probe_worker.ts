import type { Matrix } from "../../../encoders/encoder.ts";
import { serveTasks, type TaskResult } from "../../../support/worker_tasks.ts";
import { type OpenSlice, openSlice, probe, type Probed, type ProbeSetup } from "./probe.ts";

/** What a probing worker can be asked for; `open` comes first. */
export type ProbeTask =
  /** The slices of an index. */
  | { readonly open: readonly ProbeSetup[] }
  | { readonly probe: Matrix; readonly nprobe: number; readonly depth: number };

let slices: OpenSlice[] | undefined;

serveTasks<ProbeTask, readonly Probed[]>((task): TaskResult<readonly Probed[]> => {
  if ("open" in task) {
    slices = task.open.map(openSlice);
    return { result: [] };
  }
  if (!slices) throw new Error("the first task of a probing worker must be open");
  const result = slices.map((slice) => probe(slice, task.probe, task.nprobe, task.depth));
  return { result, transfer: result.map(({ passages }) => passages.buffer) };
});
