import type { FaultLog } from "./faults.ts";

/** Forms of a run file. */
export type RunFormat = "trec" | "msmarco" | "colbert" | "json";

/** How a run file is read. */
export interface RunReading {
  /** Found out from the first row where it is not given. */
  readonly format?: RunFormat;
  /** Queries that may be ranked; rows of others are faults. All may, where this is not given. */
  readonly topics?: { has(qid: string): boolean };
  /** Takes what is wrong in the file, and reading goes on; without it, the first fault is thrown. */
  readonly faults?: FaultLog;
  /** What becomes the score: the score column (default; the rank where there is none) or −rank. */
  readonly by?: "score" | "rank";
  /** `ignored`: the rank column of a TREC run is not read, as trec_eval does not read it. Default: `checked`. */
  readonly ranks?: "checked" | "ignored";
  /** More than six columns are allowed in a TREC run, as trec_eval allows them. */
  readonly extraColumns?: boolean;
  /** Whether lines that begin with `#` are comments (default), as in trec_eval 10. */
  readonly comments?: boolean;
}

/** How trec_eval reads a run: the rank column is not looked at, more columns are allowed, and only version 10 has comments. */
export function trecEvalReading(version: 9 | 10): RunReading {
  return { format: "trec", ranks: "ignored", extraColumns: true, comments: version === 10 };
}
