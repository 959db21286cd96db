import { badInput, quote } from "../../../support/errors.ts";
import { readLines } from "../../../support/lines.ts";
import { checkId } from "../../ids.ts";

/** Candidates of some queries, as ColBERT v1's `--topk` files give them. */
export interface TopK {
  /** Passage ids by query, in the file's order. */
  readonly candidates: ReadonlyMap<string, readonly string[]>;
  /** Relevance by query and passage, where the last column holds labels. */
  readonly labels: ReadonlyMap<string, ReadonlyMap<string, number>> | null;
  /** Query and passage texts by id, where the file holds them (MS MARCO's top1000 files). */
  readonly texts:
    | { readonly queries: ReadonlyMap<string, string>; readonly passages: ReadonlyMap<string, string> }
    | null;
}

/**
 * Reads `qid \t pid` with up to three more columns (`colbert/evaluation/loaders.py`). Four columns of which the third is no number are
 * `qid, pid, query, passage`. With two more columns or more, a last one that is 0 or 1 in every row is a label; others (a score) are
 * passed over, where v1's own loader ends with an error.
 *
 * @throws {LatebenchError} with the line number for another number of columns, and for a passage that a query has twice
 */
export function readTopK(file: string): TopK {
  const candidates = new Map<string, string[]>();
  const last = new Map<string, Map<string, string>>();
  const queries = new Map<string, string>();
  const passages = new Map<string, string>();
  let width = 0;
  let withTexts = false;
  let labelled = true;
  const expected = "qid, tab, pid and up to three more columns";
  for (const { number: line, text } of readLines(file)) {
    const columns = text.split("\t");
    if (width === 0) {
      width = columns.length;
      withTexts = width === 4 && !/^-?\d+$/.test(columns[2]);
    }
    if (columns.length < 2 || columns.length > 5 || columns.length !== width) {
      const before = width === columns.length ? "" : `, ${width} as before`;
      throw badInput({ file, line }, `${columns.length} columns in ${quote(text)}`, expected + before);
    }
    const [qid, pid] = [columns[0], columns[1]].map((id) => checkId(id, { file, line }));
    let own = last.get(qid);
    if (!own) {
      last.set(qid, own = new Map());
      candidates.set(qid, []);
    }
    if (own.has(pid)) throw badInput({ file, line }, `passage ${pid} twice for query ${qid}`, "each once");
    own.set(pid, columns[width - 1]);
    candidates.get(qid)!.push(pid);
    if (withTexts) {
      queries.set(qid, columns[2]);
      passages.set(pid, columns[3]);
    } else if (width < 4 || !/^[01]$/.test(columns[width - 1])) labelled = false;
  }
  if (width === 0) throw badInput(file, "an empty file", expected);
  const labels = new Map(
    Array.from(last, ([qid, own]) => [qid, new Map(Array.from(own, ([pid, label]) => [pid, Number(label)]))] as const),
  );
  return {
    candidates,
    labels: labelled && !withTexts ? labels : null,
    texts: withTexts ? { queries, passages } : null,
  };
}
