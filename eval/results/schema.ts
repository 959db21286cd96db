import { z } from "zod";
import { encoderConfig } from "../../encoders/config.ts";
import { innerPath } from "../../support/safe_name.ts";
import { buildSchema, footprintSchema, operationsSchema, stageSchema } from "./cost_schema.ts";
import { environmentSchema } from "./environment_schema.ts";
import { latencyRatioSchema, latencySchema } from "./latency_schema.ts";

/** Version of the results format; a change that breaks readers raises it. */
export const RESULTS_VERSION = 6;

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
  search_ms: z.number().nullable().describe(
    "search time (full: the median of several), encoding excluded; null where latency was off",
  ),
  with_encoding_ms: z.number().nullable().describe("encoding of the query included; null where latency was off"),
  top: z.array(hit).describe("the first passages of the ranking, for the report's per-query view"),
});

const recallCurve = z.strictObject({
  level: z.int().describe("grade from which a passage counts as relevant: the strictest of the official measures"),
  points: z.array(z.strictObject({
    depth: z.int(),
    mean: z.number(),
    low: z.number(),
    high: z.number(),
  })).describe("mean recall over the judged queries, with its 95 % t-interval"),
});

const approximation = z.strictObject({
  reference: z.string().describe("system whose rankings are the exact ones"),
  queries: z.int(),
  overlap: z.strictObject({ "10": z.number(), "100": z.number(), "1000": z.number() }).describe(
    "share of the reference's first k that are among the system's first k, mean over queries",
  ),
  rbo: z.number().describe("rank-biased overlap, extrapolated, p = 0.9"),
  tau: z.number().nullable().describe("Kendall's τ over the passages of both first hundreds; null without any"),
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
  latency: latencySchema.nullable().describe("null where latency was off, and for supplied runs"),
  stages: z.array(stageSchema),
  stages_ms: z.strictObject({
    search: z.number().describe("mean time of the same searches"),
    outside: z.number().describe("of that, in no stage"),
  }).nullable().describe("null where latency was off"),
  flops_per_query: z.strictObject({
    encoder: operationsSchema.nullable().describe("of encoding the query; null where shapes do not tell"),
    search: operationsSchema.describe("of all stages"),
  }).nullable().describe("mean; 2 × multiply–accumulates, from executed shapes; null for supplied runs"),
  footprint: footprintSchema.nullable(),
  build: buildSchema.nullable().describe("null for supplied runs"),
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
  recall_curve: recallCurve.nullable().default(null).describe("null without judgements, and before version 6"),
  approximation: approximation.nullable().default(null).describe(
    "how like exhaustive search's rankings these are; null where it was not part of the run, and before version 6",
  ),
  widened_queries: z.int().describe("queries for which options were widened to find enough passages"),
  run_files: z.strictObject({ trec: innerPath, msmarco: innerPath }).nullable().describe("relative to this file"),
  queries: z.array(queryResult).describe("every judged query, in the order of the judgements"),
});

const match = z.strictObject({
  token: z.string().describe("of the passage: the word piece whose vector is nearest to the query token's"),
  start: z.int().nullable().describe(
    "where it stands in the text, UTF-16 code units; null for tokens that are no text",
  ),
  end: z.int().nullable(),
  product: z.number().describe("of the two vectors: what the query token adds to MaxSim"),
});

const explanation = z.strictObject({
  query: z.string().describe("query id"),
  systems: z.array(z.string()).describe("the two that differ most for this query, the better one first"),
  query_tokens: z.array(z.string()).describe("one a row of the query's matrix"),
  passages: z.array(z.strictObject({
    id: z.string(),
    text: z.string().describe("as far as the encoder reads it"),
    matches: z.array(match).describe("one for each query token"),
  })).describe("that either system has at the top"),
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
    flops: operationsSchema.nullable().describe("of encoding the collection, padding included"),
  }).nullable().describe("null where no system needed vectors"),
  topics: z.array(z.strictObject({
    name: z.string(),
    qrels_hash: z.string(),
    ignore_identical_ids: z.boolean().default(false).describe(
      "passages whose id is the query's were left out of rankings",
    ),
    query_texts: z.record(z.string(), z.string()).describe("text of every judged query"),
    explanations: z.array(explanation).default([]).describe(
      "the queries that systems differ most about by the first official measure, and what their scores are made of; none without an encoder, and before version 6",
    ),
  })),
  passage_texts: z.record(z.string(), z.string()).describe(
    "beginnings of the passages that the queries' top lists name",
  ),
});

const failure = z.strictObject({ dataset: z.string(), system: z.string(), error: z.string() });

const indexingStep = z.strictObject({
  dataset: z.string(),
  name: z.string().describe("what was turned on, all before it still being on"),
  passages: z.int(),
  rounds: z.int(),
  passages_per_minute: z.number().describe("median of the rounds"),
  operations_per_passage: z.number().nullable().describe("floating-point and integer ones; null where not known"),
});

/** The whole results file. */
export const resultsSchema = z.strictObject({
  format: z.literal("latebench-results"),
  version: z.literal(RESULTS_VERSION),
  command: z.array(z.string()).describe("arguments that make this file again"),
  environment: environmentSchema,
  encoder: z.strictObject({
    hash: z.string().describe("of configuration, model file and tokenizer"),
    config: encoderConfig,
    model_bytes: z.int(),
    runtime: z.string(),
  }).nullable().describe("null where no system needed vectors"),
  datasets: z.array(dataset),
  cells: z.array(cellSchema).describe("one for every data set, topic set and system"),
  failures: z.array(failure).describe("systems that could not be measured, where a run goes on nevertheless"),
  latency_ratios: z.array(latencyRatioSchema).describe(
    "all pairs of systems that were timed in full on the same queries",
  ),
  indexing: z.array(indexingStep).default([]).describe("of `bench indexing`: encoding, optimisation by optimisation"),
});

/** Everything that one run of `eval` found out; reports are made from nothing else. */
export type Results = z.infer<typeof resultsSchema>;
/** One system on one topic set. */
export type Cell = z.infer<typeof cellSchema>;
/** One query of a cell. */
export type QueryResult = z.infer<typeof queryResult>;
/** What is recorded of a data set. */
export type DatasetRecord = z.infer<typeof dataset>;
/** A query that systems differ about, and what the scores of its passages are made of. */
export type Explanation = z.infer<typeof explanation>;
/** One bar of the indexing figure. */
export type IndexingStep = z.infer<typeof indexingStep>;
/** A system that could not be measured. */
export type Failure = z.infer<typeof failure>;
