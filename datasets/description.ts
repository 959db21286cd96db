import { join } from "node:path";
import { parse, YAMLParseError } from "yaml";
import { z } from "zod";
import { badInput } from "../support/errors.ts";
import { checkShape } from "../support/json.ts";
import { readText } from "../support/lines.ts";

const textConvention = z.enum(["nogueira", "ir_datasets"]);

const collection = z.strictObject({
  file: z.string(),
  format: z.enum(["tsv", "jsonl", "trec-sgml", "smart", "trec-car-paragraphs"]),
  text: textConvention.optional(),
});

const queries = z.strictObject({
  file: z.string(),
  format: z.enum(["tsv", "jsonl", "trec-sgml", "smart", "trec-car-outlines"]),
  text: textConvention.optional(),
  ids: z.enum(["file", "position"]).optional(),
});

const qrels = z.strictObject({
  file: z.string(),
  format: z.enum(["trec", "cranfield"]),
  allow_missing_passages: z.boolean().optional(),
});

const candidates = z.strictObject({ file: z.string(), format: z.enum(["trec", "msmarco"]) });

const description = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "letters, digits, '.', '_' and '-' only"),
  title: z.string().optional(),
  licence: z.string().optional(),
  bm25: z.strictObject({ k1: z.number().positive(), b: z.number().min(0).max(1) }).optional(),
  collection,
  topics: z.array(z.strictObject({
    name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "letters, digits, '.', '_' and '-' only"),
    queries,
    qrels,
    candidates: candidates.optional(),
    measures: z.array(z.string()).min(1),
  })).min(1),
});

/** How to read one data set: what a `dataset.yaml` says. File names are relative to its folder. */
export type Description = z.infer<typeof description>;
/** How to read a collection file. */
export type CollectionDescription = Description["collection"];
/** How to read one topic set. */
export type TopicDescription = Description["topics"][number];

/**
 * Reads `DIR/dataset.yaml`.
 *
 * @throws {LatebenchError} naming the file and line (YAML errors) or the field (wrong or unknown fields)
 */
export function readDescription(directory: string): Description {
  const file = join(directory, "dataset.yaml");
  let parsed: unknown;
  try {
    parsed = parse(readText(file));
  } catch (error) {
    if (!(error instanceof YAMLParseError)) throw error;
    throw badInput({ file, line: error.linePos?.[0].line }, error.message.split("\n")[0], "YAML");
  }
  return checkShape(parsed, description, file, "a data set description");
}
