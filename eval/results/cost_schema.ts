import { z } from "zod";

/** Operations, twice the multiply–accumulates. */
export const operationsSchema = z.strictObject({
  float: z.number().describe("on floating-point numbers"),
  integer: z.number().describe("on integers, which cost less"),
});

/** One step of the searches of a cell, from a pass of its own. */
export const stageSchema = z.strictObject({
  name: z.string(),
  mean_ms: z.number(),
  mean_macs: z.number().describe("multiply–accumulates of floating-point numbers"),
  mean_integer_macs: z.number().describe("of integers"),
  mean_bytes: z.number().describe("bytes of the index that were read"),
  mean_candidates: z.number().describe("passages left after the stage"),
});

const memory = z.strictObject({
  rss_bytes: z.int().describe("pages in memory, shared ones too"),
  pss_bytes: z.int().describe("the same, but of shared pages only the process's part"),
  anonymous_bytes: z.int().describe("heaps and buffers; the rest is cached files, mapped indexes among them"),
});

/** What an index takes. */
export const footprintSchema = z.strictObject({
  files: z.array(z.strictObject({ name: z.string(), purpose: z.string(), bytes: z.int() })),
  purposes: z.record(z.string(), z.int()).describe("bytes by what files are for"),
  disk_bytes: z.int(),
  bytes_per_passage: z.number(),
  bytes_per_token: z.number().nullable().describe("null for indexes without vectors"),
  projected: z.array(z.strictObject({ passages: z.int(), bytes: z.int() })).describe(
    "for MS MARCO's passages and TREC CAR's paragraphs: centroids grow with the square root, settings not at all, the rest with the passages",
  ),
  memory_bytes: z.int().describe("what the open index holds, by its own account"),
  process: z.strictObject({
    empty: memory.describe("before anything was loaded"),
    encoder: memory.nullable().describe("with the encoder; null for lexical systems"),
    loaded: memory.describe("with the index open"),
    peak: memory.describe("the most that was seen during searches"),
  }).nullable().describe("of the process that searched; null unless latency was measured in full, and where not known"),
});

/** What building an index took when it was built. */
export const buildSchema = z.strictObject({
  seconds: z.number().describe("encoding excluded"),
  processor_seconds: z.number().nullable().describe("of all threads; null where not known"),
  peak_memory_bytes: z.int().nullable().describe("of the whole process; null where not known"),
  threads: z.int(),
  tokens_per_second: z.number().nullable().describe("null for indexes without vectors"),
});

/** What an index takes. */
export type FootprintRecord = z.infer<typeof footprintSchema>;
/** What building took. */
export type BuildRecord = z.infer<typeof buildSchema>;
