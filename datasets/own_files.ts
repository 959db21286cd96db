import { basename } from "node:path";
import { badInput } from "../support/errors.ts";
import { readLines } from "../support/lines.ts";
import { type Description, plainName, type TopicDescription } from "./description.ts";

type Judgements = NonNullable<TopicDescription["qrels"]>;

const PARAGRAPHS = { format: "trec-car-paragraphs", endings: /\.(cbor|paragraphs)$/ } as const;
const OUTLINES = { format: "trec-car-outlines", endings: /\.(cbor|outlines)$/ } as const;

/**
 * Describes a data set of three files by their names' endings and first lines.
 *
 * @param queries null: there is only a collection
 * @param qrels null: there are no judgements
 * @throws {LatebenchError} for an ending that says nothing
 */
export function describeFiles(collection: string, queries: string | null, qrels: string | null): Description {
  return {
    name: nameOf(collection),
    collection: { file: collection, format: formatOf(collection, PARAGRAPHS) },
    topics: queries === null ? [] : [{
      name: nameOf(queries),
      queries: { file: queries, format: formatOf(queries, OUTLINES) },
      ...qrels === null ? {} : { qrels: { file: qrels, format: qrelsFormat(qrels) } },
      measures: ["nDCG@10", "RR@10", "R@1000"],
    }],
  };
}

/** What a file's name says, without endings. */
function nameOf(file: string): string {
  return plainName(unpackedName(file).replace(/\.(tsv|txt|jsonl|cbor|paragraphs|outlines)$/, ""));
}

function unpackedName(file: string): string {
  return basename(file).replace(/\.(gz|zst)$/, "");
}

/** @param cbor what TREC CAR's files of this kind are called, and their own endings */
function formatOf<T extends string>(file: string, cbor: { readonly format: T; readonly endings: RegExp }) {
  const name = unpackedName(file);
  if (name.endsWith(".jsonl")) return "jsonl";
  if (cbor.endings.test(name)) return cbor.format;
  if (/\.(tsv|txt)$/.test(name)) return "tsv";
  const expected = ".tsv, .jsonl or .cbor (or a dataset.yaml, which can say it)";
  throw badInput(file, "an ending that does not tell the format", expected);
}

function qrelsFormat(file: string): Judgements["format"] {
  if (unpackedName(file).endsWith(".jsonl")) return "lotte";
  for (const { text } of readLines(file)) return text.startsWith("query-id") ? "beir" : "trec";
  return "trec";
}
