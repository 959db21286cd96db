import { join } from "node:path";
import { artefactKey, sha256File } from "../support/hash.ts";
import type { Dataset, Passage, Qrels, TopicSet } from "./dataset.ts";
import type { CollectionDescription, Description, TopicDescription } from "./description.ts";
import { readJsonlPassages, readJsonlQueries } from "./formats/jsonl.ts";
import { readBeirQrels, readCranfieldQrels, readLotteQrels, readQrels } from "./formats/qrels.ts";
import { readRun } from "./formats/runs/read.ts";
import { readTop1000 } from "./formats/runs/top1000.ts";
import { readSgmlPassages, readSgmlQueries } from "./formats/trec_sgml.ts";
import { readSmartPassages, readSmartQueries } from "./formats/smart.ts";
import { readCarParagraphs, readCarTopics } from "./formats/trec_car.ts";
import { readTsvPassages, readTsvQueries } from "./formats/tsv.ts";
import { DATA_DIR, locateDataset, type LocatedDataset } from "./registry.ts";

/** Anserini's BM25 settings: tuned ones for MS MARCO passages, and those of its TREC CAR regressions for all else. */
const MSMARCO_BM25 = { k1: 0.82, b: 0.68 };
const DEFAULT_BM25 = { k1: 0.9, b: 0.4 };

/**
 * Opens a data set: a built-in id (`demo-msmarco`), the id of a published one, or a folder. Files are read when asked for.
 *
 * @param dataDir where published data is
 * @throws {LatebenchError} where there is no such data set, or its description is wrong
 */
export function openDataset(spec: string, dataDir = DATA_DIR): Dataset {
  return openLocated(locateDataset(spec, dataDir));
}

/** Opens a data set from its description. */
export function openLocated({ directory, description }: LocatedDataset): Dataset {
  let hash: string | undefined;
  return {
    name: description.name,
    title: description.title ?? description.name,
    licence: description.licence ?? "not stated",
    bm25: description.bm25 ?? (/^msmarco/.test(description.name) ? MSMARCO_BM25 : DEFAULT_BM25),
    topics: description.topics.map((topics) => openTopics(directory, topics)),
    passages: () => readPassages(directory, description.collection),
    contentHash: () => hash ??= contentHash(directory, description),
  };
}

function openTopics(directory: string, topics: TopicDescription): TopicSet {
  const { candidates, qrels } = topics;
  return {
    name: topics.name,
    measures: topics.measures,
    ignoreIdenticalIds: topics.ignore_identical_ids ?? false,
    allowMissingPassages: qrels?.allow_missing_passages ?? false,
    queries: () => {
      const { file, format, text, ids } = topics.queries;
      const path = join(directory, file);
      switch (format) {
        case "tsv":
          return readTsvQueries(path);
        case "jsonl":
          return readJsonlQueries(path);
        case "trec-sgml":
          return readSgmlQueries(path);
        case "smart":
          return readSmartQueries(path, ids);
        case "trec-car-outlines":
          return readCarTopics(path, text);
      }
    },
    qrels: qrels && (() => readJudgements(directory, qrels)),
    candidates: candidates && {
      name: candidates.file,
      ordered: candidates.format !== "msmarco-top1000",
      read: () => {
        const path = join(directory, candidates.file);
        return candidates.format === "msmarco-top1000"
          ? readTop1000(path)
          : readRun(path, { format: candidates.format });
      },
    },
  };
}

function readPassages(directory: string, { file, format, text }: CollectionDescription): Iterable<Passage> {
  const path = join(directory, file);
  switch (format) {
    case "tsv":
      return readTsvPassages(path);
    case "jsonl":
      return readJsonlPassages(path);
    case "trec-sgml":
      return readSgmlPassages(path);
    case "smart":
      return readSmartPassages(path);
    case "trec-car-paragraphs":
      return readCarParagraphs(path, text);
  }
}

function readJudgements(directory: string, { file, format }: NonNullable<TopicDescription["qrels"]>): Qrels {
  const path = join(directory, file);
  switch (format) {
    case "trec":
      return readQrels(path);
    case "cranfield":
      return readCranfieldQrels(path);
    case "beir":
      return readBeirQrels(path);
    case "lotte":
      return readLotteQrels(path);
  }
}

function contentHash(directory: string, { collection }: Description): string {
  // What is read of the same bytes changed once for these two: marks between tags, entities, documents on one line, blank ones.
  const reader = ["trec-sgml", "smart"].includes(collection.format) ? { reader: 2 } : {};
  return artefactKey({ ...collection, ...reader, bytes: sha256File(join(directory, collection.file)) });
}
