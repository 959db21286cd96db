import { basename, join, resolve } from "node:path";
import { isFile, isFolder } from "../support/paths.ts";
import { type Description, plainName, type TopicDescription } from "./description.ts";

/** Sets of BEIR whose queries are passages of the collection: a passage is no answer to itself. */
const QUERIES_ARE_PASSAGES = /^(?:beir-?)?(?:nano-?)?(?:arguana|quora(?:retrieval)?)$/i;

/** ArguAna's judgements name a passage that the collection lacks. */
const MAY_BE_MISSING = { allow_missing_passages: true } as const;

/**
 * Describes a folder whose files have the names of a known layout:
 * - BEIR: `corpus.jsonl`, `queries.jsonl`, `qrels/*.tsv`, a topic set for each;
 * - LoTTE: `collection.tsv`, `questions.{search,forum}.tsv`, `qas.{search,forum}.jsonl`;
 * - MS MARCO: `collection.tsv`, and pairs `queries.NAME.tsv` with `qrels.NAME.tsv` or `.txt` (`NAME.` may be absent).
 *
 * @returns null where it is none of them
 */
export function describeFolder(directory: string): Description | null {
  const name = plainName(basename(resolve(directory)));
  const has = (file: string) => isFile(join(directory, file));
  if (has("corpus.jsonl") && has("queries.jsonl") && isFolder(join(directory, "qrels"))) {
    const splits = filesOf(join(directory, "qrels"), /^(.+)\.tsv$/);
    const topics = splits.map(([file, split]): TopicDescription => ({
      name: split,
      queries: { file: "queries.jsonl", format: "jsonl" },
      qrels: { file: `qrels/${file}`, format: "beir", ...QUERIES_ARE_PASSAGES.test(name) ? MAY_BE_MISSING : {} },
      measures: ["nDCG@10", "R@100"],
      ...QUERIES_ARE_PASSAGES.test(name) ? { ignore_identical_ids: true } : {},
    }));
    return topics.length > 0 ? { name, collection: { file: "corpus.jsonl", format: "jsonl" }, topics } : null;
  }
  if (!has("collection.tsv")) return null;
  const topics = [...lotteTopics(directory), ...msmarcoTopics(directory)];
  return topics.length > 0 ? { name, collection: { file: "collection.tsv", format: "tsv" }, topics } : null;
}

function lotteTopics(directory: string): TopicDescription[] {
  return filesOf(directory, /^qas\.(.+)\.jsonl$/).flatMap(([qas, kind]): TopicDescription[] => {
    const questions = `questions.${kind}.tsv`;
    if (!isFile(join(directory, questions))) return [];
    return [{
      name: kind,
      queries: { file: questions, format: "tsv" },
      qrels: { file: qas, format: "lotte" },
      measures: ["Success@5", "R@100"],
    }];
  });
}

function msmarcoTopics(directory: string): TopicDescription[] {
  return filesOf(directory, /^qrels\.(?:(.+)\.)?(?:tsv|txt)$/).flatMap(([qrels, split]): TopicDescription[] => {
    const queries = split ? `queries.${split}.tsv` : "queries.tsv";
    if (!isFile(join(directory, queries))) return [];
    return [{
      name: split || "all",
      queries: { file: queries, format: "tsv" },
      qrels: { file: qrels, format: "trec" },
      measures: ["RR@10", "nDCG@10", "R@1000"],
    }];
  });
}

/** Files whose names fit, in alphabetical order, with the pattern's first group. */
function filesOf(directory: string, pattern: RegExp): [file: string, group: string][] {
  return [...Deno.readDirSync(directory)].filter(({ isFile }) => isFile).flatMap(({ name }): [string, string][] => {
    const found = pattern.exec(name);
    return found ? [[name, found[1] ?? ""]] : [];
  }).sort(([a], [b]) => a < b ? -1 : 1);
}
