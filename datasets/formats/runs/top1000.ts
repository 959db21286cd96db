import { badInput, quote } from "../../../support/errors.ts";
import { readLines } from "../../../support/lines.ts";
import type { RankedPassage, Run } from "../../dataset.ts";
import { checkId } from "../../ids.ts";

/**
 * Reads MS MARCO's official candidates, `qid \t pid \t query \t passage`. They have no order and no scores: every score is 0, and lists
 * keep the file's order, which means nothing. Some queries have fewer than 1,000.
 *
 * @throws {LatebenchError} with the line number for a wrong number of columns and a passage that a query has twice
 */
export function readTop1000(file: string): Run {
  const run = new Map<string, RankedPassage[]>();
  const seen = new Map<string, Set<string>>();
  for (const { number: line, text } of readLines(file)) {
    const columns = text.split("\t");
    if (columns.length !== 4) throw badInput({ file, line }, quote(text), "qid, pid, query, passage");
    const [qid, id] = [columns[0], columns[1]].map((own) => checkId(own, { file, line }));
    if (!run.has(qid)) {
      run.set(qid, []);
      seen.set(qid, new Set());
    }
    if (seen.get(qid)!.has(id)) throw badInput({ file, line }, `passage ${id} twice for query ${qid}`, "each once");
    seen.get(qid)!.add(id);
    run.get(qid)!.push({ id, score: 0 });
  }
  return run;
}
