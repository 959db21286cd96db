import { basename } from "node:path";
import { badInput } from "../support/errors.ts";
import { readLines } from "../support/lines.ts";
import type { CollectionDescription, Description, TopicDescription } from "./description.ts";

type Queries = TopicDescription["queries"];
type Judgements = NonNullable<TopicDescription["qrels"]>;

/**
 * Describes a data set of three files by their names' endings and first lines.
 *
 * @param qrels null: there are no judgements
 * @throws {LatebenchError} for an ending that says nothing
 */
export function describeFiles(collection: string, queries: string, qrels: string | null): Description {
  return {
    name: plainName(collection),
    collection: { file: collection, format: collectionFormat(collection) },
    topics: [{
      name: plainName(queries),
      queries: { file: queries, format: queriesFormat(queries) },
      ...qrels === null ? {} : { qrels: { file: qrels, format: qrelsFormat(qrels) } },
      measures: ["nDCG@10", "RR@10", "R@1000"],
    }],
  };
}

/** What a file's name says: letters, digits and `._-` of it, without endings. */
function plainName(file: string): string {
  const name = unpackedName(file).replace(/\.(tsv|txt|jsonl|cbor|paragraphs|outlines)$/, "");
  return name.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "") || "data";
}

function unpackedName(file: string): string {
  return basename(file).replace(/\.(gz|zst)$/, "");
}

function collectionFormat(file: string): CollectionDescription["format"] {
  const name = unpackedName(file);
  if (name.endsWith(".jsonl")) return "jsonl";
  if (/\.(cbor|paragraphs)$/.test(name)) return "trec-car-paragraphs";
  if (/\.(tsv|txt)$/.test(name)) return "tsv";
  throw badInput(
    file,
    "an ending that does not tell the format",
    ".tsv, .jsonl or .cbor (or a dataset.yaml, which can say it)",
  );
}

function queriesFormat(file: string): Queries["format"] {
  const name = unpackedName(file);
  if (name.endsWith(".jsonl")) return "jsonl";
  if (/\.(cbor|outlines)$/.test(name)) return "trec-car-outlines";
  if (/\.(tsv|txt)$/.test(name)) return "tsv";
  throw badInput(
    file,
    "an ending that does not tell the format",
    ".tsv, .jsonl or .cbor (or a dataset.yaml, which can say it)",
  );
}

function qrelsFormat(file: string): Judgements["format"] {
  if (unpackedName(file).endsWith(".jsonl")) return "lotte";
  for (const { text } of readLines(file)) return text.startsWith("query-id") ? "beir" : "trec";
  return "trec";
}
