import { join } from "node:path";
import { badInput, quote } from "../../support/errors.ts";
import { NO_MACS } from "../../encoders/flops/macs.ts";
import { isFile } from "../../support/paths.ts";
import { readRun } from "../../datasets/formats/runs/read.ts";
import type { BackendContext, BackendQuery, Stage } from "../backend.ts";
import { traceStages } from "../stages.ts";

/** Where candidates come from. */
export interface FirstStage extends AsyncDisposable {
  readonly memoryBytes: number;
  /** At most `depth` candidates, best first. */
  candidates(query: BackendQuery, depth: number): Promise<{ ids: readonly string[]; stages: readonly Stage[] }>;
}

/** Name of the folder inside the index that holds the first stage's own index. */
export const FIRST_FOLDER = "first";

/** Whether `first` names a backend, and not a list of candidates. */
export function isBackendSpec(first: string): boolean {
  return first !== "candidates" && !isFile(first);
}

/**
 * Opens a first stage.
 *
 * @param first `candidates` (the data set's own), a run file, or a backend SPEC
 * @throws {LatebenchError} for a run file where `ownFilesOnly` holds
 */
export async function openFirstStage(first: string, folder: string, context: BackendContext): Promise<FirstStage> {
  if (!isBackendSpec(first)) {
    if (first !== "candidates" && context.ownFilesOnly) {
      throw badInput(folder, `first=${quote(first)}, a file outside of the index`, "a backend, or candidates");
    }
    return listedCandidates(first, context.tracing);
  }
  const index = await context.open(first, join(folder, FIRST_FOLDER), context);
  return {
    memoryBytes: index.footprint().memoryBytes,
    candidates: (query, depth) => index.search(query, depth),
    [Symbol.asyncDispose]: () => index[Symbol.asyncDispose](),
  };
}

function listedCandidates(first: string, tracing?: boolean): FirstStage {
  const run = first === "candidates" ? undefined : readRun(first);
  return {
    memoryBytes: 0,
    candidates(query, depth) {
      const trace = traceStages(tracing);
      const list = run ? run.get(query.id) ?? [] : query.candidates;
      if (!list) throw badInput(`query ${query.id}`, "no candidates in the data set", "a topic set with candidates");
      const ids = [...list].sort((a, b) => b.score - a.score).slice(0, depth).map(({ id }) => id);
      trace.end("candidates", NO_MACS, 0, ids.length);
      return Promise.resolve({ ids, stages: trace.stages });
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
