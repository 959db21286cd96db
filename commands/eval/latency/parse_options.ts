import { usageError } from "../../../support/errors.ts";
import { oneOf, positiveNumber } from "../../command.ts";
import { type FullOptions, LOAD_SCENARIOS } from "./options.ts";

/** What help says of `--latency full`. */
export const LATENCY_USAGE =
  `  --latency METHOD      off, quick (default: one pass, one query at a time) or full: each system in a process of its own,
                        cold and warm, in interleaved rounds, and under load
  --precision SHARE     full: rounds until medians are known so well (default 0.05: ±5 %, 99 % confidence)
  --max-time S          full: or until each system has had so many seconds (default 60); each load takes a twentieth
  --scenario LIST       full: beside single stream (default: ${LOAD_SCENARIOS.join(",")}; none for no others)
  --concurrency LIST    full: clients of multi-stream (default: 1, and 1, 2, 4 times the threads)
  --rate LIST           full: arrivals a second of server (default: 25, 50, 75, 90 % of what offline reaches)`;

/** The options as `parseArgs` wants them. */
export const LATENCY_OPTIONS = {
  latency: { type: "string", default: "quick" },
  precision: { type: "string", default: "0.05" },
  "max-time": { type: "string", default: "60" },
  scenario: { type: "string" },
  concurrency: { type: "string" },
  rate: { type: "string" },
} as const;

/** Largest rate, precision and time. */
const MOST = 1_000_000;

/** What was given for them. */
export interface LatencyValues {
  readonly precision: string;
  readonly "max-time": string;
  readonly scenario?: string;
  readonly concurrency?: string;
  readonly rate?: string;
}

/**
 * Reads the options of `--latency full`.
 *
 * @throws {LatebenchError} exit code 1
 */
export function parseFullOptions(values: LatencyValues, threads: number, seed: number): FullOptions {
  const list = (text: string) => text.split(",").map((word) => word.trim()).filter((word) => word !== "");
  const scenarios = values.scenario === undefined
    ? LOAD_SCENARIOS
    : list(values.scenario).filter((word) => word !== "none" && word !== "single-stream");
  const concurrencies = values.concurrency === undefined
    ? [...new Set([1, threads, 2 * threads, 4 * threads])]
    : list(values.concurrency).map((value) => positiveNumber("concurrency", value));
  return {
    scenarios: scenarios.map((word) => oneOf("scenario", word, LOAD_SCENARIOS)),
    concurrencies,
    rates: list(values.rate ?? "").map((value) => positive("rate", value)),
    precision: positive("precision", values.precision),
    maxSeconds: positive("max-time", values["max-time"]),
    seed,
  };
}

function positive(option: string, value: string): number {
  if (!(Number(value) > 0 && Number(value) < Infinity)) {
    throw usageError(`--${option} ${value}: a number above 0 is needed`);
  }
  if (Number(value) > MOST) throw usageError(`--${option} ${value}: at most ${MOST} is possible`);
  return Number(value);
}
