import { z } from "zod";

const job = z.strictObject({
  label: z.string(),
  done: z.number(),
  total: z.number(),
  unit: z.string(),
  seconds: z.number().describe("since it began"),
});

/** How far a run is: beside its results until they are whole. */
export const statusSchema = z.strictObject({
  format: z.literal("latebench-status"),
  command: z.array(z.string()),
  started: z.string().describe("date and time, UTC"),
  updated: z.string(),
  cells: z.array(z.strictObject({
    dataset: z.string(),
    system: z.string(),
    state: z.enum(["waiting", "running", "done", "failed"]),
    seconds: z.number().nullable().describe("that it took, or takes already"),
    job: job.nullable().describe("what is being done for it now"),
    error: z.string().nullable(),
  })),
});

/** How far a run is. */
export type RunStatus = z.infer<typeof statusSchema>;
/** One cell of it: a system on a data set. */
export type CellStatus = RunStatus["cells"][number];
