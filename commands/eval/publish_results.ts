import { join } from "node:path";
import { RESULTS_FILE } from "../../eval/results/read.ts";
import type { Results } from "../../eval/results/schema.ts";
import { irMetadata } from "../../eval/runs/ir_metadata.ts";
import { renderReport } from "../../reports/html/report.ts";
import { renderLeaderboard } from "../../reports/terminal.ts";
import { oneSource } from "../../reports/sources.ts";
import { writeAtomic } from "../../support/atomic_write.ts";
import { lockFile } from "../../support/lock.ts";
import { visibleJson } from "../../support/visible_text.ts";

/**
 * Waits until no other evaluation writes into a results folder, and keeps others off until disposed: they would write files of the
 * same names, and a results file would speak of another one's runs.
 */
export async function lockResults(out: string, quiet: boolean): Promise<Disposable> {
  return await lockFile(join(out, ".lock"), quiet ? undefined : `${out}: waiting for another evaluation to end`);
}

/** Writes `results.json`, the report, and beside every run file its metadata; prints the leaderboard, or the results as JSON. */
export function publishResults(
  results: Results,
  out: string,
  { json, quiet }: { readonly json: boolean; readonly quiet: boolean },
): void {
  const files = { results: join(out, RESULTS_FILE), report: join(out, "report.html") };
  writeAtomic(files.results, `${JSON.stringify(results, null, 1)}\n`);
  writeAtomic(files.report, renderReport(oneSource(results)));
  for (const cell of results.cells) {
    if (cell.run_files) writeAtomic(join(out, `${cell.run_files.trec}.meta.yaml`), irMetadata(cell, results));
  }
  console.log(json ? visibleJson(results) : renderLeaderboard(oneSource(results)));
  if (!quiet) console.error(`results: ${files.results}\nreport:  ${files.report}`);
}
