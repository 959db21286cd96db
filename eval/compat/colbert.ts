import { badInput, quote } from "../../support/errors.ts";
import { pythonRepr, readIntegers } from "./python.ts";

const DEPTHS = [50, 100, 200, 1000, 5000, 10000];

/** What ColBERT's script says, and what it warns of. */
export interface ColbertReport {
  readonly lines: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * What ColBERT's `utility/evaluate/msmarco_passages.py` says about two files (without the time that it puts before each line).
 * Rankings are taken in the order of the file: the rank column is read and not used. Each mean is given twice: over all judged
 * queries, and over the ranked ones. Duplicates count as often as they occur.
 *
 * @throws {LatebenchError} where the script would raise: labels other than 1, and lines that are not as expected
 */
export function colbertScript(qrels: string, run: string): ColbertReport {
  const positives = new Map<number, number[]>();
  for (const [[qid, pid, label], line] of readIntegers(qrels, /\s+/, [0, 2, 3], "qid, 0, pid, 1")) {
    if (label !== 1) throw badInput({ file: qrels, line: line.number }, quote(line.text), "label 1");
    append(positives, qid, pid);
  }
  const rankings = new Map<number, number[]>();
  for (const [[qid, pid]] of readIntegers(run, "\t", [0, 1, 2], "qid, tab, pid, tab, rank")) append(rankings, qid, pid);

  const ranked = rankings.size;
  let reciprocalRanks = 0;
  const recalls = DEPTHS.map(() => 0);
  for (const [qid, relevant] of positives) {
    const ranking = rankings.get(qid) ?? [];
    const first = ranking.findIndex((pid) => relevant.includes(pid));
    if (first >= 0 && first < 10) reciprocalRanks += 1 / (first + 1);
    DEPTHS.forEach((depth, d) => {
      let recall = 0;
      for (const pid of ranking.slice(0, depth)) if (relevant.includes(pid)) recall += 1 / relevant.length;
      recalls[d] += recall;
    });
  }
  const both = (name: string, sum: number) => [
    `#> ${name} = ${pythonRepr(sum / positives.size)}`,
    `#> ${name} (only for ranked queries) = ${pythonRepr(sum / ranked)}`,
  ];
  return {
    lines: [
      ...both("MRR@10", reciprocalRanks),
      ...DEPTHS.flatMap((depth, d) => both(`Recall@${depth}`, recalls[d])),
    ],
    warnings: positives.size === ranked ? [] : [
      "#> [WARNING] num_judged_queries != num_ranked_queries",
      `#> ${positives.size} != ${ranked}`,
    ],
  };
}

function append(lists: Map<number, number[]>, key: number, value: number): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
