import type { Engine } from "../engine.ts";
import { buildBuiltin } from "./build.ts";
import { openBuiltin } from "./open.ts";

/** latebench's own IVFPQ: FAISS's file, trained, written and searched by our kernels on all threads, over a memory map. */
export const builtinEngine: Engine = { name: "builtin", build: buildBuiltin, open: openBuiltin };
