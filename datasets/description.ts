import { join } from "node:path";
import { z } from "zod";
import { checkShape } from "../support/json.ts";
import { innerPath } from "../support/safe_name.ts";
import { readYaml } from "../support/yaml.ts";

/** Names of folders in the store begin with a data set's name. */
const MAX_NAME = 120;

const textConvention = z.enum(["nogueira", "ir_datasets"]);

const name = z.string().max(MAX_NAME).regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "letters, digits, '.', '_' and '-' only");

/** A file of the data set, in its folder or below. */
const file = z.string().transform((path) => path.replace(/^(\.\/+)+/, "")).pipe(innerPath);

/** What a file's or folder's name can give to a data set's name. */
export function plainName(text: string, otherwise = "data"): string {
  return text.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "").slice(0, MAX_NAME) || otherwise;
}

const collection = z.strictObject({
  file,
  format: z.enum(["tsv", "jsonl", "trec-sgml", "smart", "trec-car-paragraphs"]),
  text: textConvention.optional(),
});

const queries = z.strictObject({
  file,
  format: z.enum(["tsv", "jsonl", "trec-sgml", "smart", "trec-car-outlines"]),
  text: textConvention.optional(),
  ids: z.enum(["file", "position"]).optional(),
});

const qrels = z.strictObject({
  file,
  format: z.enum(["trec", "cranfield", "beir", "lotte"]),
  allow_missing_passages: z.boolean().optional(),
});

const candidates = z.strictObject({
  file,
  format: z.enum(["trec", "msmarco", "colbert", "json", "msmarco-top1000"]),
});

/** The shape of a data set's description. */
export const descriptionSchema = z.strictObject({
  name,
  title: z.string().optional(),
  licence: z.string().optional(),
  bm25: z.strictObject({ k1: z.number().positive(), b: z.number().min(0).max(1) }).optional(),
  collection,
  topics: z.array(z.strictObject({
    name,
    queries,
    qrels: qrels.optional(),
    candidates: candidates.optional(),
    measures: z.array(z.string()).min(1),
    ignore_identical_ids: z.boolean().optional(),
  })).min(1),
});

/** How to read one data set: what a `dataset.yaml` says. File names are relative to its folder. */
export type Description = z.infer<typeof descriptionSchema>;
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
  return checkShape(readYaml(file), descriptionSchema, file, "a data set description");
}
