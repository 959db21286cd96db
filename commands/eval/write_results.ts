import { join } from "node:path";
import type { Results } from "../../eval/results/schema.ts";
import { irMetadata } from "../../eval/runs/ir_metadata.ts";
import { renderReport } from "../../reports/html/report.ts";
import { writeAtomic, writeJson } from "../../support/atomic_write.ts";

/** Where the files of a run are. */
export interface WrittenResults {
  readonly results: string;
  readonly report: string;
}

/** Writes `results.json`, the report, and beside every run file its metadata. */
export function writeResults(results: Results, out: string): WrittenResults {
  const files = { results: join(out, "results.json"), report: join(out, "report.html") };
  writeJson(files.results, results);
  writeAtomic(files.report, renderReport(results));
  for (const cell of results.cells) {
    if (cell.run_files) writeAtomic(join(out, `${cell.run_files.trec}.meta.yaml`), irMetadata(cell, results));
  }
  return files;
}
