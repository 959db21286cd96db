import { join } from "node:path";
import { z } from "zod";
import { readJson } from "../../support/json.ts";
import type { ExecutedNode, TensorShape } from "./node_macs.ts";

const shapes = z.array(z.record(z.string(), z.array(z.number())));

/** Events of onnxruntime's profile, each where it ended: nodes, which have shapes, and then the run that they were part of. */
const profile = z.array(z.object({
  cat: z.string(),
  name: z.string(),
  args: z.object({ op_name: z.string(), input_type_shape: shapes, output_type_shape: shapes }).partial().optional(),
}));

/** The nodes that each run of a profiled session executed, from the one profile in `folder`. */
export function readProfile(folder: string): ExecutedNode[][] {
  const file = join(folder, [...Deno.readDirSync(folder)][0].name);
  const events = readJson(file, profile, "onnxruntime's profile");
  const runs: ExecutedNode[][] = [];
  let nodes: ExecutedNode[] = [];
  for (const { cat, name, args } of events) {
    if (cat === "Node" && args?.op_name && args.output_type_shape) {
      const { op_name: op, input_type_shape: inputs = [], output_type_shape: outputs } = args;
      nodes.push({ op, inputs: read(inputs), outputs: read(outputs) });
    }
    if (cat !== "Session" || name !== "model_run") continue;
    runs.push(nodes);
    nodes = [];
  }
  return runs;
}

function read(tensors: z.infer<typeof shapes>): TensorShape[] {
  return tensors.map((tensor) => {
    const [[type, dims]] = Object.entries(tensor);
    return { type, dims };
  });
}
