import { join } from "node:path";
import { stringify } from "yaml";
import { type Description, descriptionSchema } from "../../datasets/description.ts";
import { describeFolder } from "../../datasets/layouts.ts";
import { convertNanoBeir, isNanoBeir } from "../../datasets/nanobeir.ts";
import { describeFiles } from "../../datasets/own_files.ts";
import { writeAtomic } from "../../support/atomic_write.ts";
import { badInput, usageError } from "../../support/errors.ts";
import { isFile, isFolder } from "../../support/paths.ts";
import { type Command, parseCommandLine } from "../command.ts";

/** What names of files tell, in a folder of no known layout. */
const COLLECTION =
  /(collection|corpus|passages?|paragraphs?|docs?|documents?)\b.*\.(tsv|jsonl|cbor|txt)(\.gz|\.zst)?$/i;
const QUERIES = /(quer(y|ies)|topics?|questions?|outlines?)\b.*\.(tsv|jsonl|cbor|txt)(\.gz|\.zst)?$/i;
const QRELS = /(qrels?|judg(e)?ments?|qas|labels?)\b/i;

/** `deno task data init`: writes a folder's `dataset.yaml`. */
export const initCommand: Command = {
  name: "init",
  summary: "look at a folder and write its dataset.yaml",
  usage: `DIR [options]

  --force           overwrite a dataset.yaml

Knows BEIR's, LoTTE's and MS MARCO's names, and NanoBEIR's Parquet files, which are written as BEIR's beside them (of several splits, each in a folder of its own); elsewhere it takes the one file whose name says collection (corpus, passages, docs), the one
that says queries (topics, questions) and the one that says qrels (judgements). What was written is printed: read it once.`,
  async run(args) {
    const { values, positionals } = parseCommandLine(args, {
      options: { force: { type: "boolean", default: false } },
      allowPositionals: true,
    });
    const [folder] = positionals;
    if (positionals.length !== 1) throw usageError("data init: name one folder");
    if (!isFolder(folder)) throw badInput(folder, "no folder", "one that exists");
    const path = join(folder, "dataset.yaml");
    if (isFile(path) && !values.force) throw badInput(path, "a description", "none, or --force");
    const folders = isNanoBeir(folder) ? await convertNanoBeir(folder) : [folder];
    for (const own of folders) describe(own, values.force);
    return 0;
  },
};

/** Writes a folder's description, and prints it. */
function describe(folder: string, force: boolean): void {
  const description = descriptionSchema.parse(describeFolder(folder) ?? describeByNames(folder));
  const text = stringify(description, { lineWidth: 120 });
  const path = join(folder, "dataset.yaml");
  if (isFile(path) && !force) throw badInput(path, "a description", "none, or --force");
  writeAtomic(path, text);
  console.error(`${path}:`);
  console.log(text.trimEnd());
}

function describeByNames(folder: string): Description {
  const names = [...Deno.readDirSync(folder)].filter(({ isFile }) => isFile).map(({ name }) => name).sort();
  const one = (what: string, pattern: RegExp, others: readonly string[]) => {
    const found = names.filter((name) => pattern.test(name) && !others.includes(name));
    if (found.length === 1) return found[0];
    throw badInput(folder, `${found.length} files that may be the ${what} (${found.join(", ") || "none"})`, "one");
  };
  const qrels = names.filter((name) => QRELS.test(name));
  const queries = one("queries", QUERIES, qrels);
  const collection = one("collection", COLLECTION, [...qrels, queries]);
  if (qrels.length !== 1) throw badInput(folder, `${qrels.length} files that may be the judgements`, "one");
  const described = describeFiles(join(folder, collection), join(folder, queries), join(folder, qrels[0]));
  const [topics] = described.topics;
  return {
    ...described,
    collection: { ...described.collection, file: collection },
    topics: [{
      ...topics,
      queries: { ...topics.queries, file: queries },
      qrels: { ...topics.qrels!, file: qrels[0] },
    }],
  };
}
