import { join } from "node:path";
import { buildVariant, smallCollection, VARIANTS } from "./variants.ts";

/** Builds all variants in a folder (first argument), with a store (second): in a process of its own, since each loads an encoder. */
const [root, store] = Deno.args;
Deno.writeTextFileSync(join(root, "c.tsv"), smallCollection(40));
Deno.writeTextFileSync(join(root, "more.tsv"), smallCollection(6, 40));
for (const variant of VARIANTS) await buildVariant(root, variant, store);
