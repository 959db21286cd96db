import { badInput, quote } from "../../support/errors.ts";
import { pythonRepr, readIntegers } from "./python.ts";

/** The two scripts that are in use: that of the branch `colbertv1`, and that of `main`. */
export type ColbertVersion = "v1" | "main";

const DEPTHS: Readonly<Record<ColbertVersion, readonly number[]>> = {
  v1: [50, 200, 1000],
  main: [50, 100, 200, 1000, 5000, 10000],
};

/**
 * What ColBERT's `utility/evaluate/msmarco_passages.py` prints about two files, line by line, without the time that it puts before
 * each line that is not empty. Rankings are taken in the order of the file: the rank column is read and not used. Each mean is given
 * twice: over all judged queries, and over the ranked ones. Duplicates count as often as they occur. Sums are those of Python before
 * 3.12, which later became more exact in the last digit.
 *
 * The branch `colbertv1` knows three depths and insists that all ranked queries are judged; `main` knows six and does not.
 *
 * @throws {LatebenchError} where the script would raise: labels other than 1, lines that are not as expected, nothing to divide by,
 *   and in `v1` ranked queries without judgements
 */
export function colbertScript(qrels: string, run: string, version: ColbertVersion): readonly string[] {
  const positives = new Map<number, number[]>();
  for (const [[qid, , pid, label], line] of readIntegers(qrels, /\s+/, [0, 1, 2, 3], "qid, 0, pid, 1")) {
    if (label !== 1 || line.text.trim().split(/\s+/).length !== 4) {
      throw badInput({ file: qrels, line: line.number }, quote(line.text), "four columns with label 1");
    }
    append(positives, qid, pid);
  }
  const expected = "qid, tab, pid, tab, rank, and at most a score";
  const rankings = new Map<number, number[]>();
  for (const [[qid, pid], line] of readIntegers(run, "\t", [0, 1, 2], expected)) {
    const [, , , score = "0", ...more] = line.text.trim().split("\t");
    if (more.length > 0 || !isPythonFloat(score)) {
      throw badInput({ file: run, line: line.number }, quote(line.text), expected);
    }
    if (version === "v1" && !positives.has(qid)) {
      throw badInput(
        { file: run, line: line.number },
        `query ${qid}, which has no judgement`,
        "judged queries alone (v1)",
      );
    }
    append(rankings, qid, pid);
  }
  const [judged, ranked] = [positives.size, rankings.size];
  if (judged === 0) throw badInput(qrels, "no judgements", "at least one");
  if (ranked === 0) throw badInput(run, "no ranking", "at least one");

  let reciprocalRanks = 0;
  const recalls = DEPTHS[version].map(() => 0);
  for (const [qid, relevant] of positives) {
    const ranking = rankings.get(qid) ?? [];
    const first = ranking.findIndex((pid) => relevant.includes(pid));
    if (first >= 0 && first < 10) reciprocalRanks += 1 / (first + 1);
    DEPTHS[version].forEach((depth, d) => {
      let recall = 0;
      for (const pid of ranking.slice(0, depth)) if (relevant.includes(pid)) recall += 1 / relevant.length;
      recalls[d] += recall;
    });
  }
  const both = (name: string, sum: number) => [
    "",
    `#> ${name} = ${pythonRepr(sum / judged)}`,
    `#> ${name} (only for ranked queries) = ${pythonRepr(sum / ranked)}`,
    "",
  ];
  return [
    `#> Loading QRELs from ${qrels} ..`,
    `#> Loading ranked lists from ${run} ..`,
    ...judged === ranked
      ? []
      : ["", "#> [WARNING] num_judged_queries != num_ranked_queries", `#> ${judged} != ${ranked}`, ""],
    `#> Computing MRR@10 for ${judged} queries.`,
    ...both("MRR@10", reciprocalRanks),
    ...DEPTHS[version].flatMap((depth, d) => both(`Recall@${depth}`, recalls[d])),
  ];
}

/** Whether Python's `float` takes a text: also `nan`, `inf` and `1_000.5`. */
function isPythonFloat(text: string): boolean {
  const digits = String.raw`\d(?:_?\d)*`;
  const number = String.raw`(?:${digits}\.?(?:${digits})?|\.${digits})(?:e[+-]?${digits})?`;
  return new RegExp(String.raw`^\s*[+-]?(?:${number}|nan|inf(?:inity)?)\s*$`, "i").test(text);
}

function append(lists: Map<number, number[]>, key: number, value: number): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
