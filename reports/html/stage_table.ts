import { html } from "hono/html";
import { formatCandidateRecall } from "../candidate_recall.ts";
import { formatBytes, formatFlops, formatMs } from "../format.ts";
import type { Leaderboard } from "../leaderboard.ts";
import { dataTable } from "./data_table.ts";
import type { Markup } from "./markup.ts";

/** Where the time and the work of each system go. */
export function stageTable({ cells }: Leaderboard): Markup {
  const traced = cells.filter(({ stages, backend }) => backend !== null && stages.length > 0);
  if (traced.length === 0) return html``;
  const rows = traced.flatMap((cell) => [
    ...cell.stages.map((stage) => [
      cell.system,
      stage.name,
      formatMs(stage.mean_ms),
      formatFlops(2 * stage.mean_macs),
      formatFlops(2 * stage.mean_integer_macs),
      formatBytes(Math.round(stage.mean_bytes)),
      String(Math.round(stage.mean_candidates)),
      survivors(cell, stage.name),
      formatCandidateRecall(cell, stage.name) ?? "–",
    ]),
    ...cell.stages_ms ? [outsideRow(cell.system, cell.stages_ms)] : [],
  ]);
  const columns = ["system", { text: "stage" }, "mean ms", "FLOPs", "on integers", "bytes read", "passages left"];
  const recall = "of exhaustive's top 10 / 100 / 1000 left";
  const caption = "Means of a pass with tracing, apart from the timed ones.";
  return html`<details>
<summary>Stages</summary>
${dataTable(caption, [...columns, "relevant ones left", recall], rows)}
</details>`;
}

/** The time of searches that belongs to no stage: handing results over, for the most part. */
function outsideRow(
  system: string,
  { search, outside }: { readonly search: number; readonly outside: number },
): string[] {
  const share = `in no stage (${(100 * outside / Math.max(search, 1e-9)).toFixed(1)} %)`;
  return [system, share, formatMs(outside), "–", "–", "–", "–", "–", "–"];
}

/** Judged relevant passages that a stage left, of all. */
function survivors({ survival, relevant }: Leaderboard["cells"][number], stage: string): string {
  const left = survival?.find((known) => known.stage === stage);
  return left ? `${left.kept} of ${relevant}` : "–";
}
