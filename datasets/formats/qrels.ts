import { badInput, quote } from "../../support/errors.ts";
import { readLines } from "../../support/lines.ts";
import type { Qrels } from "../dataset.ts";

/**
 * Reads TREC qrels: `qid iteration pid grade`, separated by blanks or tabs.
 *
 * @throws {LatebenchError} with the line number for a wrong number of columns, a grade that is no whole number, or a pair judged twice
 */
export function readTrecQrels(file: string): Qrels {
  return collectJudgements(file, 4, "qid, iteration, pid, grade", (columns) => ({
    qid: columns[0],
    pid: columns[2],
    grade: wholeNumber(columns[3]),
  }));
}

/**
 * Reads Cranfield's judgements: `query document code`, where code 1 is a complete answer and 4 of minimum interest.
 * Grades are turned round, so that more is better: 1 → 4, 2 → 3, 3 → 2, 4 → 1; 5 and −1 (no interest) → 0.
 * A pair that is judged more than once keeps its best grade (the file has one such pair).
 */
export function readCranfieldQrels(file: string): Qrels {
  const read = (columns: string[]) => {
    const code = wholeNumber(columns[2]);
    const known = code === undefined || code === -1 || (code >= 1 && code <= 5);
    return { qid: columns[0], pid: columns[1], grade: !known ? undefined : code === -1 ? 0 : code && 5 - code };
  };
  return collectJudgements(file, 3, "query, document, code from 1 to 5 or -1", read, Math.max);
}

function collectJudgements(
  file: string,
  width: number,
  expected: string,
  read: (columns: string[]) => { qid: string; pid: string; grade: number | undefined },
  merge?: (a: number, b: number) => number,
): Qrels {
  const qrels = new Map<string, Map<string, number>>();
  for (const { number: line, text } of readLines(file)) {
    const columns = text.trim().split(/\s+/);
    if (columns.length === 1 && columns[0] === "") continue;
    const { qid, pid, grade } = read(columns);
    if (columns.length !== width || grade === undefined) throw badInput({ file, line }, quote(text), expected);
    let judged = qrels.get(qid);
    if (!judged) qrels.set(qid, judged = new Map());
    const before = judged.get(pid);
    if (before !== undefined && !merge) {
      throw badInput({ file, line }, `query ${qid} and passage ${pid} judged twice`, "one judgement a pair");
    }
    judged.set(pid, before === undefined || !merge ? grade : merge(before, grade));
  }
  return qrels;
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^[+-]?\d+$/.test(text) ? Number(text) : undefined;
}
