import { openAtomic } from "../../support/atomic_write.ts";
import type { Run } from "../../datasets/dataset.ts";

/**
 * Writes a run in TREC's form: `qid Q0 pid rank score tag`. Scores are written so that reading them gives the same number.
 *
 * @param tag name of the system, without blanks
 */
export function writeTrecRun(path: string, run: Run, tag: string): void {
  writeLines(path, run, (qid, { id, score }, rank) => `${qid} Q0 ${id} ${rank} ${score} ${tag}\n`);
}

/** Writes a run in MS MARCO's form: `qid \t pid \t rank`. */
export function writeMsmarcoRun(path: string, run: Run): void {
  writeLines(path, run, (qid, { id }, rank) => `${qid}\t${id}\t${rank}\n`);
}

function writeLines(
  path: string,
  run: Run,
  line: (qid: string, passage: { readonly id: string; readonly score: number }, rank: number) => string,
): void {
  using file = openAtomic(path);
  const encoder = new TextEncoder();
  for (const [qid, ranking] of run) {
    file.write(encoder.encode(ranking.map((passage, i) => line(qid, passage, i + 1)).join("")));
  }
  file.commit();
}
