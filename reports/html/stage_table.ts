import { html } from "hono/html";
import { formatCandidateRecall } from "../candidate_recall.ts";
import { formatBytes, formatFlops, formatMs } from "../format.ts";
import type { Leaderboard } from "../leaderboard.ts";
import type { Markup } from "./markup.ts";

/** Where the time and the work of each system go. */
export function stageTable({ cells }: Leaderboard): Markup {
  const timed = cells.filter(({ stages, backend }) => backend !== null && stages.length > 0);
  if (timed.length === 0) return html``;
  return html`
    <details>
      <summary>Stages, latency and memory</summary>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col" class="text">system</th>
              <th scope="col" class="text">stage</th>
              <th scope="col">mean ms</th>
              <th scope="col">FLOPs</th>
              <th scope="col">on integers</th>
              <th scope="col">bytes read</th>
              <th scope="col">passages left</th>
              <th scope="col">relevant ones left</th>
              <th scope="col">of exhaustive's top 10 / 100 / 1000 left</th>
            </tr>
          </thead>
          <tbody>${timed.flatMap((cell) =>
            cell.stages.map((stage) =>
              html`
                <tr>
                  <th scope="row">${cell.system}</th>
                  <td class="text">${stage.name}</td>
                  <td>${formatMs(stage.mean_ms)}</td>
                  <td>${formatFlops(2 * stage.mean_macs)}</td>
                  <td>${formatFlops(2 * stage.mean_integer_macs)}</td>
                  <td>${formatBytes(Math.round(stage.mean_bytes))}</td>
                  <td>${Math.round(stage.mean_candidates)}</td>
                  <td>${survivors(cell, stage.name)}</td>
                  <td>${formatCandidateRecall(cell, stage.name) ?? "–"}</td>
                </tr>
              `
            )
          )}</tbody>
        </table>
      </div>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col" class="text">system</th>
              <th scope="col">queries</th>
              <th scope="col" class="text">search, percentiles</th>
              <th scope="col" class="text">encoding included</th>
              <th scope="col">memory</th>
              <th scope="col">build</th>
            </tr>
          </thead>
          <tbody>${timed.map(({ system, latency, footprint, build }) =>
            html`
              <tr>
                <th scope="row">${system}</th>
                <td>${latency?.queries ?? "–"}</td>
                <td class="text">${percentiles(latency?.search)}</td>
                <td class="text">${percentiles(latency?.with_encoding)}</td>
                <td>${footprint ? formatBytes(footprint.memory_bytes) : "–"}</td>
                <td>${build ? `${build.seconds.toFixed(1)} s` : "–"}</td>
              </tr>
            `
          )}</tbody>
        </table>
      </div>
    </details>
  `;
}

function percentiles(
  distribution?: { readonly percentiles: readonly { readonly percent: number; readonly ms: number }[] },
): string {
  if (!distribution) return "not measured";
  if (distribution.percentiles.length === 0) return "n too small";
  return distribution.percentiles.map(({ percent, ms }) => `p${percent} ${formatMs(ms)} ms`).join(", ");
}

/** Judged relevant passages that a stage left, of all. */
function survivors({ survival, relevant }: Leaderboard["cells"][number], stage: string): string {
  const left = survival?.find((known) => known.stage === stage);
  return left ? `${left.kept} of ${relevant}` : "–";
}
