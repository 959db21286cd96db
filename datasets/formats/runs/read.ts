import type { RankedPassage, Run } from "../../dataset.ts";
import { startsWithBrace } from "../json_table.ts";
import { readJsonRankings } from "./json_rankings.ts";
import type { RankedRows } from "./ranked_rows.ts";
import type { RunReading } from "./reading.ts";
import { readTextRankings } from "./text_rankings.ts";

/**
 * Streams the rankings of a run file, one query at a time and in the rows' order: TREC's six columns, MS MARCO's three, ColBERT's four
 * (`qid pid rank score`) or JSON, plain, gzip or zstd.
 *
 * The same object comes again and again with other rows: what is to stay has to be copied. Where a file is not grouped by query,
 * which shows late, all queries come a second time, then whole: **the last ranking of a query is the one that counts**.
 *
 * @throws {LatebenchError} with file and line for the first fault, unless `reading.faults` takes them: a row that is none, a score
 * that is no finite number, a passage that a query ranks twice, ranks that do not rise or scores that rise with them, an unknown query
 */
export function readRankings(file: string, reading: RunReading = {}): Iterable<RankedRows> {
  const json = reading.format === "json" || (reading.format === undefined && startsWithBrace(file));
  return json ? readJsonRankings(file, reading) : readTextRankings(file, reading);
}

/** Reads a whole run; lists keep the file's order. */
export function readRun(file: string, reading: RunReading = {}): Run {
  const run = new Map<string, readonly RankedPassage[]>();
  for (const rows of readRankings(file, reading)) run.set(rows.qid, toRanking(rows));
  return run;
}

/** Copies one query's rows. */
export function toRanking(rows: RankedRows): RankedPassage[] {
  return Array.from({ length: rows.size }, (_, row) => ({ id: rows.id(row), score: rows.scores[row] }));
}
