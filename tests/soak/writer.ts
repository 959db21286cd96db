import { BACKENDS } from "../../backends/registry.ts";
import { compactIndex, rebuildIndex, updateIndex } from "../../backends/living/update.ts";
import { parseSpec } from "../../backends/spec.ts";
import { readManifest } from "../../backends/living/manifest.ts";
import { fakeDataset } from "../fixtures/fake_dataset.ts";
import { fakeEncoder } from "../fixtures/fake_encoder.ts";
import { loneContext } from "../fixtures/lone_context.ts";
import type { Order } from "./orders.ts";

/** Changes the index in the folder that it is given as orders come in, one a line, and acknowledges each when it is done. */
const [folder, store] = Deno.args;
const encoder = fakeEncoder();
const spec = parseSpec(readManifest(folder).backend, BACKENDS);
const setup = { spec, encoder, context: loneContext({ name: "wasm" }, store, 1) };
console.log("ready");
const lines = Deno.stdin.readable.pipeThrough(new TextDecoderStream());
let rest = "";
for await (const piece of lines) {
  const whole = (rest + piece).split("\n");
  rest = whole.pop()!;
  for (const line of whole) {
    const order: Order = JSON.parse(line);
    if (!("added" in order)) await (order.verb === "compact" ? compactIndex : rebuildIndex)(folder, setup);
    else {
      const added = order.added.length > 0 ? fakeDataset(order.added) : null;
      await updateIndex(folder, { added, replace: order.verb === "upsert", removed: order.removed }, setup);
    }
    console.log("done");
  }
}
