import type { LoadPoint } from "../../../eval/results/latency_schema.ts";

/** Scenarios beside single stream, which always is measured. */
export const LOAD_SCENARIOS: readonly LoadPoint["scenario"][] = ["offline", "multi-stream", "server"];

/** How `--latency full` measures. */
export interface FullOptions {
  readonly scenarios: readonly LoadPoint["scenario"][];
  /** Clients of multi-stream. */
  readonly concurrencies: readonly number[];
  /** Arrivals a second of server; empty: shares of what offline reaches. */
  readonly rates: readonly number[];
  /** Half the width of a median's interval, as a share. */
  readonly precision: number;
  /** Of single stream, for each system, s; every load lasts a twentieth. */
  readonly maxSeconds: number;
  readonly seed: number;
}
