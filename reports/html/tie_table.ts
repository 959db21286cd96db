import { html } from "hono/html";
import { tieWidth } from "../../eval/metrics/tie_range.ts";
import { formatScore } from "../format.ts";
import type { Leaderboard } from "../leaderboard.ts";
import { tiesDecide } from "../ties.ts";
import { dataTable } from "./data_table.ts";
import type { Markup } from "./markup.ts";

/** What the measures could be if passages with equal scores stood in another order; nothing where no measure could move. */
export function tieTable({ cells }: Leaderboard): Markup {
  const rows = cells.flatMap((cell) =>
    Object.keys(cell.mean).filter((measure) => tieWidth(cell.ties[measure]) > 0).map((measure) => ({ cell, measure }))
  );
  if (rows.length === 0) return html``;
  const columns = ["system", { text: "measure" }, "reported", "least", "expected", "greatest", {
    text: "decides the place",
  }];
  const values = rows.map(({ cell, measure }) => {
    const { min, expected, max, exact } = cell.ties[measure];
    const [reported, least, greatest] = [cell.mean[measure], min, max].map(formatScore);
    const middle = `${exact ? "" : "≈ "}${formatScore(expected)}`;
    return [cell.system, measure, reported, least, middle, greatest, tiesDecide(cell, measure, cells) ? "yes" : "no"];
  });
  return html`<details>
<summary>Ties</summary>
${dataTable("What other orders of passages with equal scores would give.", columns, values)}
</details>`;
}
