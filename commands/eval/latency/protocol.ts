import type { Verify } from "../../../backends/vectors/verify.ts";
import type { RankedPassage } from "../../../datasets/dataset.ts";
import type { LoadPoint, Mode, StartTimes } from "../../../eval/results/latency_schema.ts";
import type { WarmUp } from "../../../eval/latency/warm_up.ts";
import type { ProcessMemory } from "../../../support/machine/process.ts";

/** A system, as a process of its own opens it. */
export interface OpenTask {
  /** SPEC of the backend, and the folder of its index. */
  readonly spec: string;
  readonly folder: string;
  /** SPEC of the encoder; null for lexical systems. */
  readonly encoder: string | null;
  readonly kernel: "native" | "wasm" | "reference";
  readonly threads: number;
  readonly store: string;
  readonly verify?: Verify;
  readonly k: number;
  readonly queries: readonly TimedQuery[];
}

/** A query, by whose number it is asked later. */
export interface TimedQuery {
  readonly id: string;
  readonly text: string;
  readonly candidates?: readonly RankedPassage[];
}

/** One scenario under load. */
export interface LoadTask {
  readonly scenario: LoadPoint["scenario"];
  readonly mode: Mode;
  /** Queries by number, in the order in which they are asked. */
  readonly order: readonly number[];
  readonly concurrency: number | null;
  /** Arrivals a second. */
  readonly rate: number | null;
  /** How long it lasts at the most (server: how long queries arrive), s. */
  readonly seconds: number;
  /** Server: how long queries may arrive so that there are enough of them, s. */
  readonly maxSeconds: number;
  readonly seed: number;
}

/** What a measuring process can be asked for; `open` comes first. */
export type LatencyTask =
  | { readonly open: OpenTask }
  | { readonly warmUp: { readonly mode: Mode; readonly order: readonly number[]; readonly seconds: number } }
  | { readonly time: { readonly mode: Mode; readonly order: readonly number[] } }
  | { readonly load: LoadTask };

/** What came of opening. */
export interface Opened {
  readonly start: Omit<StartTimes, "cached_share">;
  /** Null where the system does not tell. */
  readonly memory: {
    readonly empty: ProcessMemory;
    readonly encoder: ProcessMemory | null;
    readonly loaded: ProcessMemory;
  } | null;
  /** Time that measuring adds to a query, µs. */
  readonly harnessUs: number;
}

/** What came of a scenario. */
export interface LoadAnswer {
  readonly times: readonly number[];
  readonly elapsed: number;
  readonly lateness: number | null;
  readonly dropped: number | null;
  readonly realised: number | null;
  readonly joules: number | null;
}

/** The answer to each task. */
export type LatencyAnswer = Opened | WarmUp | readonly number[] | LoadAnswer;
