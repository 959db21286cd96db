import { z } from "zod";
import { encoderConfig } from "../../encoders/config.ts";

/** Version of the results format; a change that breaks readers raises it. */
export const RESULTS_VERSION = 5;

const measures = z.record(z.string(), z.number());

const tieRange = z.strictObject({
  min: z.number(),
  expected: z.number().describe("mean over all orders"),
  max: z.number(),
  exact: z.boolean().describe("false: expected is the mean over 2,000 seeded random orders for some query"),
});

const hit = z.strictObject({
  id: z.string().describe("passage id"),
  score: z.number().describe("the system's score"),
  grade: z.number().nullable().describe("the judges' grade; null where the passage was not judged for this query"),
});

const queryResult = z.strictObject({
  id: z.string().describe("query id"),
  measures: measures.describe("value of every measure for this query"),
  search_ms: z.number().nullable().describe("search time, encoding excluded; null where latency was off"),
  encode_ms: z.number().nullable().describe(
    "time to encode the query; null for text backends or where latency was off",
  ),
  top: z.array(hit).describe("the first passages of the ranking, for the report's per-query view"),
});

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

const latency = z.strictObject({
  method: z.enum(["quick", "full"]).describe("quick: one timed pass after a warm-up; full: the median of three passes"),
  queries: z.int().describe("timed queries"),
  passes: z.int(),
  warmup_queries: z.int(),
  search: distribution.describe("encoding excluded"),
  with_encoding: distribution.describe("encoding of the query included; equals search for text backends"),
});

const stage = z.strictObject({
  name: z.string(),
  mean_ms: z.number(),
  mean_macs: z.number().describe("multiply–accumulates of floating-point numbers"),
  mean_integer_macs: z.number().describe("of integers"),
  mean_bytes: z.number().describe("bytes of the index that were read"),
  mean_candidates: z.number().describe("passages left after the stage"),
});

const operations = z.strictObject({
  float: z.number().describe("on floating-point numbers"),
  integer: z.number().describe("on integers, which cost less"),
});

/** What a results file holds of one cell. */
export const cellSchema = z.strictObject({
  dataset: z.string().describe("name of the data set"),
  topics: z.string().describe("name of the topic set"),
  system: z.string().describe("name of the system in tables: the backend SPEC, or candidates(FILE)"),
  backend: z.string().nullable().describe("backend; null for a supplied run, which was measured but not made here"),
  options: z.record(z.string(), z.unknown()).describe("all options in effect, defaults included"),
  kernel: z.string().nullable().describe("build of the inner loops that ran"),
  depth: z.int().describe("passages asked for a query (k)"),
  official_measures: z.array(z.string()).describe("the topic set's own measures; tables show them first"),
  mean: measures.describe("mean over all judged queries"),
  ties: z.record(z.string(), tieRange).describe(
    "by measure: what the mean is over all orders of passages with equal scores",
  ),
  judged_queries: z.int().describe("the denominator of every mean"),
  missing_queries: z.array(z.string()).describe("judged queries without a ranking: they count 0"),
  unjudged_queries: z.int().describe("queries of the topic set without judgements: not searched"),
  tie_rule: z.string(),
  latency: latency.nullable().describe("null where latency was off, and for supplied runs"),
  stages: z.array(stage),
  flops_per_query: z.strictObject({
    encoder: operations.nullable().describe("of encoding the query; null where shapes do not tell"),
    search: operations.describe("of all stages"),
  }).nullable().describe("mean; 2 × multiply–accumulates, from executed shapes; null for supplied runs"),
  footprint: z.strictObject({
    files: z.array(z.strictObject({ name: z.string(), purpose: z.string(), bytes: z.int() })),
    disk_bytes: z.int(),
    memory_bytes: z.int(),
  }).nullable(),
  build_seconds: z.number().nullable().describe("time to build the index when it was built, encoding excluded"),
  survival: z.array(z.strictObject({
    stage: z.string(),
    kept: z.int().describe("judged relevant passages that were still there after it"),
  })).nullable().describe("of all queries' relevant passages; null where a system has no stages that lose passages"),
  relevant: z.int().nullable().describe(
    "judged relevant passages of all queries (grade 1 or more), of which survival counts",
  ),
  candidate_recall: z.array(z.strictObject({
    stage: z.string(),
    depth: z.int().describe("of exhaustive search's best so many passages (all where the collection has fewer)"),
    recall: z.number().describe("the share that was still there after the stage, mean over queries"),
  })).nullable().describe(
    "null without stages that lose passages, and where exhaustive search was not part of the run",
  ),
  widened_queries: z.int().describe("queries for which options were widened to find enough passages"),
  run_files: z.strictObject({ trec: z.string(), msmarco: z.string() }).nullable().describe("relative to this file"),
  queries: z.array(queryResult).describe("every judged query, in the order of the judgements"),
});

const dataset = z.strictObject({
  name: z.string(),
  title: z.string(),
  licence: z.string(),
  collection_hash: z.string().describe("hash of the collection file and of how it is read"),
  passages: z.int(),
  sample: z.strictObject({
    size: z.int().describe("passages asked for; more are kept where more are judged"),
    of: z.int().describe("passages of the whole collection"),
    judged: z.int().describe("judged passages, all of which were kept"),
    seed: z.int(),
  }).nullable().describe("null where the whole collection was searched"),
  embeddings: z.strictObject({
    tokens: z.int().describe("stored vectors"),
    dim: z.int(),
    encoded_passages: z.int().describe("passages that the last start of encoding did"),
    encode_seconds: z.number().describe("time that it took"),
    flops: operations.nullable().describe("of encoding the collection, padding included"),
  }).nullable().describe("null where no system needed vectors"),
  topics: z.array(z.strictObject({
    name: z.string(),
    qrels_hash: z.string(),
    query_texts: z.record(z.string(), z.string()).describe("text of every judged query"),
  })),
  passage_texts: z.record(z.string(), z.string()).describe(
    "beginnings of the passages that the queries' top lists name",
  ),
});

/** The whole results file. */
export const resultsSchema = z.strictObject({
  format: z.literal("latebench-results"),
  version: z.literal(RESULTS_VERSION),
  command: z.array(z.string()).describe("arguments that make this file again"),
  environment: z.strictObject({
    latebench: z.string(),
    commit: z.string().nullable().describe("git commit, with + where files were changed; null outside a checkout"),
    deno: z.string(),
    os: z.string(),
    cpu: z.string(),
    cores: z.int(),
    memory_bytes: z.int(),
    threads: z.int().describe("threads that encoding and search were allowed"),
    load_average: z.number().describe("of the last minute, when the run began"),
  }),
  encoder: z.strictObject({
    hash: z.string().describe("of configuration, model file and tokenizer"),
    config: encoderConfig,
    model_bytes: z.int(),
    runtime: z.string(),
  }).nullable().describe("null where no system needed vectors"),
  datasets: z.array(dataset),
  cells: z.array(cellSchema).describe("one for every data set, topic set and system"),
});

/** Everything that one run of `eval` found out; reports are made from nothing else. */
export type Results = z.infer<typeof resultsSchema>;
/** One system on one topic set. */
export type Cell = z.infer<typeof cellSchema>;
/** One query of a cell. */
export type QueryResult = z.infer<typeof queryResult>;
/** What is recorded of a data set. */
export type DatasetRecord = z.infer<typeof dataset>;
/** Times of a cell. */
export type Latency = z.infer<typeof latency>;
/** Mean and percentiles of times. */
export type Distribution = z.infer<typeof distribution>;
