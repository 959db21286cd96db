import type { Macs } from "../encoders/flops/macs.ts";
import type { Stage } from "./backend.ts";

/** The stages of a search in the making. */
export interface StageTrace {
  readonly stages: readonly Stage[];
  /** Ends a stage, which began where the one before ended. */
  end(name: string, macs: Macs, bytes: number, candidates: number): void;
}

/**
 * Starts to keep account of a search's stages.
 *
 * @param tracing (default true) false: keeps none, and reads no clock
 * @param together how many searches share the time
 */
export function traceStages(tracing = true, together = 1): StageTrace {
  if (!tracing) return OFF;
  const stages: Stage[] = [];
  let from = performance.now();
  return {
    stages,
    end(name, macs, bytes, candidates) {
      const now = performance.now();
      stages.push({ name, ms: (now - from) / together, macs, bytes, candidates });
      from = now;
    },
  };
}

const OFF: StageTrace = { stages: [], end: () => {} };
