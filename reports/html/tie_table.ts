import { html } from "hono/html";
import { tieWidth } from "../../eval/metrics/tie_range.ts";
import { formatScore } from "../format.ts";
import type { Leaderboard } from "../leaderboard.ts";
import { tiesDecide } from "../ties.ts";
import type { Markup } from "./markup.ts";

/** What the measures could be if passages with equal scores stood in another order; nothing where no measure could move. */
export function tieTable({ cells }: Leaderboard): Markup {
  const rows = cells.flatMap((cell) =>
    Object.keys(cell.mean).filter((measure) => tieWidth(cell.ties[measure]) > 0).map((measure) => ({ cell, measure }))
  );
  if (rows.length === 0) return html``;
  return html`
    <details>
      <summary>Ties: what other orders of passages with equal scores would give</summary>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col" class="text">system</th>
              <th scope="col" class="text">measure</th>
              <th scope="col">reported</th>
              <th scope="col">least</th>
              <th scope="col">expected</th>
              <th scope="col">greatest</th>
              <th scope="col" class="text">decides the place</th>
            </tr>
          </thead>
          <tbody>${rows.map(({ cell, measure }) => {
            const { min, expected, max, exact } = cell.ties[measure];
            return html`
              <tr>
                <th scope="row">${cell.system}</th>
                <td class="text">${measure}</td>
                <td>${formatScore(cell.mean[measure])}</td>
                <td>${formatScore(min)}</td>
                <td>${exact ? "" : "≈ "}${formatScore(expected)}</td>
                <td>${formatScore(max)}</td>
                <td class="text">${tiesDecide(cell, measure, cells) ? "yes" : "no"}</td>
              </tr>
            `;
          })}</tbody>
        </table>
      </div>
    </details>
  `;
}
