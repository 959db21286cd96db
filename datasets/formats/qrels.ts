import { z } from "zod";
import { badInput, quote } from "../../support/errors.ts";
import { readLines } from "../../support/lines.ts";
import type { Qrels } from "../dataset.ts";
import { idFault, idOfJson } from "../ids.ts";
import { readJsonTable, startsWithBrace } from "./json_table.ts";
import { type FaultLog, reportFault } from "./runs/faults.ts";

/** How judgements are read. */
export interface QrelsReading {
  /** Takes what is wrong in the file, and reading goes on; without it, the first fault is thrown. */
  readonly faults?: FaultLog;
  /** Whether lines that begin with `#` are comments (default), as in trec_eval 10. */
  readonly comments?: boolean;
}

/** One judgement and where it stands; without a passage, that a query is judged, if with nothing relevant. */
type Judgement = {
  readonly place: { readonly file: string; readonly line?: number; readonly byte?: number };
  readonly qid: string;
} & ({ readonly pid: string; readonly grade: number } | { readonly pid?: undefined });

const id = z.unknown().transform((value, context) => {
  const own = idOfJson(value);
  if (own !== null) return own;
  context.addIssue("no id");
  return z.NEVER;
});
const lotteAnswers = z.object({ qid: id, answer_pids: z.array(id) });

/** Graded measures have a class for every grade up to the highest; no collection has more than a handful. */
export const MAX_GRADE = 1000;

const GRADES = `a whole number from -${MAX_GRADE} to ${MAX_GRADE}`;
const TREC_ROW = `qid, iteration, pid, grade (${GRADES})`;
const CRANFIELD_ROW = "query, document, code from 1 to 5 or -1";

/**
 * Reads judgements: TREC's `qid iteration pid grade`, separated by blanks or tabs, or JSON's `{"qid": {"pid": grade}}`; plain, gzip
 * or zstd.
 *
 * @throws {LatebenchError} with the place for a wrong number of columns, a grade that is no whole number up to {@link MAX_GRADE},
 *   or a pair judged twice, unless `reading.faults` takes them
 */
export function readQrels(file: string, reading: QrelsReading = {}): Qrels {
  return collect(startsWithBrace(file) ? jsonJudgements(file, reading) : trecJudgements(file, reading), reading);
}

/**
 * Reads Cranfield's judgements: `query document code`, where code 1 is a complete answer and 4 of minimum interest.
 * Grades are turned round, so that more is better: 1 → 4, 2 → 3, 3 → 2, 4 → 1; 5 and −1 (no interest) → 0.
 * A pair that is judged more than once keeps its best grade (the file has one such pair).
 */
export function readCranfieldQrels(file: string): Qrels {
  const judgements = rows(file, {}, (columns) => {
    const [qid, pid] = columns;
    const code = wholeNumber(columns[2]);
    const known = columns.length === 3 && (code === -1 || (code >= 1 && code <= 5));
    return known ? { qid, pid, grade: code === -1 ? 0 : 5 - code } : null;
  }, CRANFIELD_ROW);
  return collect(judgements, {}, Math.max);
}

/** Reads BEIR's judgements: a line `query-id corpus-id score`, then rows of these three, separated by tabs (or by blanks). */
export function readBeirQrels(file: string): Qrels {
  let first = true;
  const expected = `query-id, corpus-id, score (${GRADES})`;
  const judgements = rows(
    file,
    { comments: false }, // a query id may begin with #
    (columns) => {
      const header = first && columns.join(" ") === "query-id corpus-id score";
      first = false;
      if (header) return "header";
      const grade = wholeNumber(columns[2]);
      return columns.length === 3 && !Number.isNaN(grade) ? { qid: columns[0], pid: columns[1], grade } : null;
    },
    expected,
    tabColumns,
  );
  return collect(judgements, {});
}

/** Reads LoTTE's answers: JSON Lines with `qid` and `answer_pids`, each with grade 1. */
export function readLotteQrels(file: string): Qrels {
  return collect(lotteJudgements(file), {});
}

function* lotteJudgements(file: string): Generator<Judgement> {
  for (const { number: line, text } of readLines(file)) {
    if (text.trim() === "") continue;
    const place = { file, line };
    const parsed = lotteAnswers.safeParse(parseJsonLine(text));
    if (!parsed.success) throw badInput(place, quote(text), "JSON with qid and answer_pids");
    const { qid, answer_pids } = parsed.data;
    yield { place, qid };
    for (const pid of answer_pids) yield { place, qid, pid, grade: 1 };
  }
}

function parseJsonLine(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function trecJudgements(file: string, reading: QrelsReading): Iterable<Judgement> {
  return rows(file, reading, (columns) => {
    const grade = wholeNumber(columns[3]);
    return columns.length === 4 && !Number.isNaN(grade) ? { qid: columns[0], pid: columns[2], grade } : null;
  }, TREC_ROW);
}

function* rows(
  file: string,
  { faults, comments = true }: QrelsReading,
  read: (columns: readonly string[]) => { qid: string; pid: string; grade: number } | "header" | null,
  expected: string,
  columnsOf: (text: string) => readonly string[] = blankColumns,
): Generator<Judgement> {
  for (const { number: line, text } of readLines(file)) {
    if (text.trim() === "" || (comments && text.startsWith("#"))) continue;
    const judgement = read(columnsOf(text));
    const place = { file, line };
    if (judgement === "header") continue;
    if (judgement) yield { place, ...judgement };
    else reportFault(faults, { kind: "malformed row", place, found: quote(text), expected });
  }
}

function* jsonJudgements(file: string, { faults }: QrelsReading): Generator<Judgement> {
  for (const { qid, pid, value: grade, byte } of readJsonTable(file)) {
    const place = { file, byte };
    if (pid === undefined) yield { place, qid };
    else if (Number.isInteger(grade) && Math.abs(grade) <= MAX_GRADE) yield { place, qid, pid, grade };
    else reportFault(faults, { kind: "malformed row", place, found: String(grade), expected: GRADES });
  }
}

function collect(
  judgements: Iterable<Judgement>,
  { faults }: QrelsReading,
  merge?: (a: number, b: number) => number,
): Qrels {
  const qrels = new Map<string, Map<string, number>>();
  for (const judgement of judgements) {
    const { place, qid } = judgement;
    const wrong = idFault(qid) ?? (judgement.pid === undefined ? null : idFault(judgement.pid));
    if (wrong !== null) {
      reportFault(faults, { kind: "malformed row", place, found: wrong, expected: "ids without control characters" });
      continue;
    }
    let judged = qrels.get(qid);
    if (!judged) qrels.set(qid, judged = new Map());
    if (judgement.pid === undefined) continue;
    const { pid, grade } = judgement;
    const before = judged.get(pid);
    if (before === undefined) judged.set(pid, grade);
    else if (merge) judged.set(pid, merge(before, grade));
    else {
      const found = `query ${qid} and passage ${pid} judged twice`;
      reportFault(faults, { kind: "judged twice", place, found, expected: "one judgement a pair" });
    }
  }
  return qrels;
}

/** Tabs separate columns where a row has any: ids may then hold blanks. */
function tabColumns(text: string): string[] {
  return text.includes("\t") ? text.split("\t").map((column) => column.trim()) : blankColumns(text);
}

function blankColumns(text: string): string[] {
  return text.trim().split(/\s+/);
}

/** NaN for what is no grade. */
function wholeNumber(text: string | undefined): number {
  const number = text !== undefined && /^[+-]?\d+$/.test(text) ? Number(text) : NaN;
  return Math.abs(number) <= MAX_GRADE ? number : NaN;
}
