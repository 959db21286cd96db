import { notAvailable } from "../../support/errors.ts";
import type { BackendContext } from "../backend.ts";
import { builtinEngine } from "./builtin/builtin.ts";
import type { Engine } from "./engine.ts";
import { faissEngine } from "./faiss_node/engine.ts";
import { HOW_TO_GET_FAISS, setUpFaiss } from "./faiss_node/setup.ts";

/** What `engine` may be. */
export const ENGINES = ["auto", "faiss", "builtin"] as const;

/** FAISS is looked for once for each program run, whose contexts share their kernel, and what is missing told once. */
const known = new WeakMap<BackendContext["kernel"], Promise<Engine | { readonly problem: string }>>();

/**
 * The engine that is asked for; `auto` is FAISS where it is there or can be set up, and else the built-in one.
 *
 * @throws {LatebenchError} exit code 4 where FAISS is asked for and cannot be had
 */
export async function chooseEngine(wanted: typeof ENGINES[number], context: BackendContext): Promise<Engine> {
  if (wanted === "builtin") return builtinEngine;
  const { kernel } = context;
  if (!known.has(kernel)) known.set(kernel, lookForFaiss(context));
  const found = await known.get(kernel)!;
  if ("build" in found) return found;
  if (wanted === "auto") return builtinEngine;
  throw notAvailable(`faiss-ivfpq:engine=faiss: ${found.problem}; ${HOW_TO_GET_FAISS}`);
}

async function lookForFaiss({ store, quiet }: BackendContext): Promise<Engine | { readonly problem: string }> {
  const found = await setUpFaiss(store, { quiet });
  if ("library" in found) return faissEngine(found);
  if (!quiet) {
    console.error(
      `FAISS is not available (${found.problem}): faiss-ivfpq uses its built-in IVFPQ; ${HOW_TO_GET_FAISS}`,
    );
  }
  return found;
}
