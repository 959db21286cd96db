import { z } from "zod";
import { badInput, quote } from "../../support/errors.ts";
import { readLines } from "../../support/lines.ts";
import { printFixed } from "../metrics/print.ts";
import { readIntegers } from "./python.ts";

const question = z.object({ qid: z.coerce.number().int(), answer_pids: z.array(z.int()) });

/** What ColBERT's `utility/evaluate/evaluate_lotte_rankings.py` says about one pair of files. */
export interface LotteReport {
  readonly line: string;
  readonly warnings: readonly string[];
}

/**
 * LoTTE's Success@k in percent: the share of questions with an answer among the first k lines of their ranking. Questions that are
 * not ranked are warned of and count as failures.
 *
 * @param questions `qas.*.jsonl`
 * @throws {LatebenchError} where the script would raise: ranks that do not count up from 1 in the order of the file
 */
export function lotteScript(questions: string, run: string, k = 5): LotteReport {
  const rankings = new Map<number, number[]>();
  for (const [[qid, pid, rank], line] of readIntegers(run, "\t", [0, 1, 2], "qid, tab, pid, tab, rank")) {
    if (!rankings.has(qid)) rankings.set(qid, []);
    rankings.get(qid)!.push(pid);
    const expected = rankings.get(qid)!.length;
    if (rank !== expected) throw badInput({ file: run, line: line.number }, quote(line.text), `rank ${expected}`);
  }
  const warnings: string[] = [];
  let total = 0;
  let successes = 0;
  for (const { number, text } of readLines(questions)) {
    if (text.trim() === "") continue;
    const { qid, answer_pids } = parseQuestion(questions, number, text);
    total++;
    const ranking = rankings.get(qid);
    if (!ranking) warnings.push(`WARNING: qid ${qid} not found in ${run}!`);
    else if (ranking.slice(0, k).some((pid) => answer_pids.includes(pid))) successes++;
  }
  if (total === 0) throw badInput(questions, "no questions", "at least one");
  return { line: `Success@${k}: ${printFixed(successes / total * 100, 1)}`, warnings };
}

function parseQuestion(file: string, line: number, text: string): z.infer<typeof question> {
  try {
    return question.parse(JSON.parse(text));
  } catch {
    throw badInput({ file, line }, quote(text), "a JSON object with qid and answer_pids");
  }
}
