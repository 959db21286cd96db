import { z } from "zod";

/** What is timed: searches alone, or with the query encoded in the same request. */
export const MODES = ["search", "with_encoding"] as const;

/** One of {@link MODES}. */
export type Mode = typeof MODES[number];

const percentile = z.strictObject({
  percent: z.number(),
  ms: z.number().describe("smallest observed time that at least this share of the queries did not exceed"),
  at_most_ms: z.number().describe("bound from above, 99 % confidence (MLPerf's early-stopping rule)"),
});

const distribution = z.strictObject({
  mean_ms: z.number(),
  percentiles: z.array(percentile).describe("only those that the number of queries supports (docs/latency.md)"),
  n_too_small_for: z.array(z.number()).describe("the percentiles that it does not support"),
});

/** A figure with its interval. */
const estimateSchema = z.strictObject({
  value: z.number(),
  low: z.number(),
  high: z.number(),
}).describe("99 % bootstrap interval over rounds");

const mode = distribution.extend({
  median_ms: estimateSchema.nullable().describe("null with fewer than eight rounds"),
});

const start = z.strictObject({
  cached_share: z.number().nullable().describe(
    "of the index and the model, in the page cache at the beginning; null: not known",
  ),
  encoder_ms: z.number().nullable().describe("to load the encoder; null for lexical systems"),
  open_ms: z.number().describe("to open the index"),
  first_query_ms: z.number().describe("the first query, its encoding included"),
});

const load = z.strictObject({
  scenario: z.enum(["multi-stream", "server", "offline"]),
  with_encoding: z.boolean(),
  concurrency: z.int().nullable().describe("clients of multi-stream"),
  offered_qps: z.number().nullable().describe("mean arrivals a second of server, a Poisson process"),
  realised_qps: z.number().nullable().optional().describe(
    "server: arrivals a second as they were drawn, up to the last one; missing in files of before it was measured",
  ),
  requests: z.int(),
  queries: z.int().describe("different queries among them: these are the sample of the percentiles"),
  seconds: z.number(),
  throughput_qps: z.number().describe("answered requests a second"),
  response: distribution.nullable().describe(
    "from the scheduled arrival in server; null for offline, where it means nothing",
  ),
  lateness_ms: z.number().nullable().describe(
    "server: mean time from the arrival to the moment at which the engine was asked",
  ),
  dropped: z.int().nullable().describe("server: requests that were not sent, since 10,000 waited"),
  joules_per_query: z.number().nullable().describe("of the processor's packages (RAPL); null where not available"),
});

/** How long searches take, and how that was found out. */
export const latencySchema = z.strictObject({
  method: z.enum(["quick", "full"]),
  process: z.enum(["shared", "own"]).describe("full: each system in a process of its own"),
  queries: z.int().describe("different queries that were timed"),
  requests: z.int().describe("searches that were timed"),
  rounds: z.int(),
  warmup_searches: z.int(),
  warmup_settled: z.boolean().nullable().describe("times were steady when warming up ended; null: quick does not look"),
  warmup_queries: z.enum(["others", "the timed ones"]).describe("others: of the topic set, but not timed"),
  stopped: z.enum(["one pass", "precision", "max-time"]),
  search: mode.describe("encoding excluded"),
  with_encoding: mode.describe("encoding of the query included; equals search for text backends"),
  harness_us: z.number().nullable().describe("time that measuring adds to a query, µs"),
  cold: start.nullable().describe("a new process, files dropped from the page cache"),
  warm: start.nullable().describe("a new process, files in the page cache"),
  load: z.array(load),
});

/** The ratio of the median times of two systems on the same queries. */
export const latencyRatioSchema = z.strictObject({
  dataset: z.string(),
  topics: z.string(),
  mode: z.enum(MODES),
  system: z.string(),
  other: z.string(),
  ratio: estimateSchema.describe("how many times as long the median query takes in `system` as in `other`"),
  differs: z.boolean().describe("the interval does not contain 1"),
  rounds: z.int(),
});

/** Times of a cell. */
export type Latency = z.infer<typeof latencySchema>;
/** Mean and percentiles of times. */
export type Distribution = z.infer<typeof distribution>;
/** One scenario under load. */
export type LoadPoint = z.infer<typeof load>;
/** How a process starts. */
export type StartTimes = z.infer<typeof start>;
/** How two systems compare. */
export type LatencyRatio = z.infer<typeof latencyRatioSchema>;
