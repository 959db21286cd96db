import type { Run } from "../../datasets/dataset.ts";
import { badInput } from "../../support/errors.ts";

/** What MS MARCO's leaderboard wants to know of a submission: exactly these fields. */
export interface SubmissionMetadata {
  readonly team: string;
  readonly model_description: string;
  readonly paper: string;
  readonly code: string;
  readonly type: "full ranking" | "reranking";
}

/** Passages of a query that the leaderboard's script reads at most. */
const MOST = 1000;

/**
 * A run as the leaderboard of MS MARCO takes it (`qid \t pid \t rank`), after its own checks: ids that are whole numbers, no passage
 * twice, ranks from 1 without gaps, at most 1,000 passages a query.
 *
 * @param where the run's file, for messages
 * @throws {LatebenchError} for what the leaderboard would refuse
 */
export function submissionRun(run: Run, where: string): string {
  const lines: string[] = [];
  for (const [qid, ranking] of run) {
    if (!/^\d+$/.test(qid)) throw badInput(where, `query id ${JSON.stringify(qid)}`, "one of MS MARCO's whole numbers");
    const seen = new Set<string>();
    ranking.slice(0, MOST).forEach(({ id }, i) => {
      if (!/^\d+$/.test(id)) {
        throw badInput(where, `passage id ${JSON.stringify(id)}`, "one of MS MARCO's whole numbers");
      }
      if (seen.has(id)) throw badInput(where, `passage ${id} twice for query ${qid}`, "each passage once");
      seen.add(id);
      lines.push(`${qid}\t${id}\t${i + 1}\n`);
    });
  }
  if (lines.length === 0) throw badInput(where, "no rankings", "at least one");
  return lines.join("");
}
