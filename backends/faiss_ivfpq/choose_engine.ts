import { notAvailable } from "../../support/errors.ts";
import type { BackendContext } from "../backend.ts";
import { builtinEngine } from "./builtin/builtin.ts";
import type { Engine } from "./engine.ts";
import { faissEngine } from "./faiss_node/engine.ts";
import { findFaiss, HOW_TO_GET_FAISS } from "./faiss_node/found.ts";

/** What `engine` may be. */
export const ENGINES = ["auto", "faiss", "builtin"] as const;

/** FAISS is looked for once for each program run, whose contexts share their kernel, and what is missing told once. */
const known = new WeakMap<BackendContext["kernel"], Engine | { readonly problem: string }>();

/**
 * The engine that is asked for; `auto` is FAISS where `deno task setup` has set it up, and else the built-in one.
 *
 * @throws {LatebenchError} exit code 4 where FAISS is asked for and is not there
 */
export function chooseEngine(wanted: typeof ENGINES[number], context: BackendContext): Promise<Engine> {
  if (wanted === "builtin") return Promise.resolve(builtinEngine);
  const { kernel } = context;
  const found = known.get(kernel) ?? lookForFaiss(context);
  known.set(kernel, found);
  if ("build" in found) return Promise.resolve(found);
  if (wanted === "auto") return Promise.resolve(builtinEngine);
  return Promise.reject(notAvailable(`faiss-ivfpq:engine=faiss: ${found.problem}; ${HOW_TO_GET_FAISS}`));
}

function lookForFaiss({ store, quiet }: BackendContext): Engine | { readonly problem: string } {
  const found = findFaiss(store);
  if ("library" in found) return faissEngine(found);
  if (!quiet) {
    console.error(
      `FAISS is not available (${found.problem}): faiss-ivfpq uses its built-in IVFPQ; ${HOW_TO_GET_FAISS}`,
    );
  }
  return found;
}
