import { readJsonTable } from "../json_table.ts";
import { reportFault } from "./faults.ts";
import { RankedRows } from "./ranked_rows.ts";
import type { RunReading } from "./reading.ts";

/** Streams the rankings of `{"qid": {"pid": score}}`, as {@link readRankings} promises. */
export function* readJsonRankings(file: string, reading: RunReading): Generator<RankedRows> {
  const rows = new RankedRows();
  const encoder = new TextEncoder();
  let qid: string | undefined;
  for (const cell of readJsonTable(file)) {
    if (cell.pid === undefined) continue; // a query without passages is not ranked
    const place = { file, byte: cell.byte };
    if (cell.qid !== qid) {
      if (rows.size > 0) yield rows;
      qid = cell.qid;
      rows.start(qid, 0);
    }
    if (reading.topics && !reading.topics.has(qid)) {
      const found = `query ${qid}, which is not among the topics`;
      reportFault(reading.faults, { kind: "unknown topic", place, found, expected: "a known query" });
      continue;
    }
    if (!Number.isFinite(cell.value)) {
      const found = `a score of passage ${cell.pid} beyond the range of float64`;
      reportFault(reading.faults, { kind: "bad score", place, found, expected: "a finite score" });
      continue;
    }
    const id = encoder.encode(cell.pid);
    if (!rows.add(id, 0, id.length, cell.value)) {
      const found = `passage ${cell.pid} twice for query ${qid}`;
      reportFault(reading.faults, { kind: "duplicate passage", place, found, expected: "each passage once" });
    }
  }
  if (rows.size > 0) yield rows;
}
