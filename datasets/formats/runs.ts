import { badInput, quote } from "../../support/errors.ts";
import { type Line, readLines } from "../../support/lines.ts";
import type { RankedPassage, Run } from "../dataset.ts";

/**
 * Reads a TREC run: `qid Q0 pid rank score tag`. Lists keep the file's order; metrics order them by score themselves.
 *
 * @throws {LatebenchError} with the line number for a wrong number of columns, a score that is no finite number, or a
 * passage that a query ranks twice
 * @param options.extraColumns more columns are allowed, as trec_eval allows them
 */
export function readTrecRun(file: string, { extraColumns = false } = {}): Run {
  return collectRun(file, (line) => {
    const columns = line.text.trim().split(/\s+/);
    const score = Number(columns[4]);
    if (columns.length < 6 || (columns.length > 6 && !extraColumns) || columns[4] === "" || !Number.isFinite(score)) {
      throw badInput({ file, line: line.number }, quote(line.text), "qid, Q0, pid, rank, finite score, tag");
    }
    return { qid: columns[0], id: columns[2], score };
  });
}

/** The tag of a TREC run: the sixth column of its first line; empty where there is none. */
export function readRunTag(file: string): string {
  for (const { text } of readLines(file)) {
    if (text.trim() !== "") return text.trim().split(/\s+/)[5] ?? "";
  }
  return "";
}

/**
 * Reads an MS MARCO run: `qid \t pid \t rank`. The score is −rank, so that score order is rank order.
 *
 * @throws {LatebenchError} as {@link readTrecRun}
 */
export function readMsmarcoRun(file: string): Run {
  return collectRun(file, (line) => {
    const columns = line.text.split("\t");
    const rank = Number(columns[2]);
    if (columns.length < 3 || columns.length > 4 || !Number.isInteger(rank) || rank < 1) {
      throw badInput({ file, line: line.number }, quote(line.text), "qid, tab, pid, tab, rank from 1");
    }
    return { qid: columns[0], id: columns[1], score: -rank };
  });
}

/** Reads a run file of either form: TREC's has six columns, MS MARCO's three. */
export function readRun(file: string): Run {
  for (const { text } of readLines(file)) {
    return text.trim().split(/\s+/).length === 6 ? readTrecRun(file) : readMsmarcoRun(file);
  }
  return new Map();
}

function collectRun(file: string, parse: (line: Line) => { qid: string; id: string; score: number }): Run {
  const run = new Map<string, RankedPassage[]>();
  const seen = new Map<string, Set<string>>();
  for (const line of readLines(file)) {
    if (line.text.trim() === "") continue;
    const { qid, id, score } = parse(line);
    let list = run.get(qid);
    let ids = seen.get(qid);
    if (!list || !ids) {
      run.set(qid, list = []);
      seen.set(qid, ids = new Set());
    }
    if (ids.has(id)) {
      throw badInput({ file, line: line.number }, `passage ${id} twice for query ${qid}`, "each passage once");
    }
    ids.add(id);
    list.push({ id, score });
  }
  return run;
}
