import { tieWidth } from "../../eval/metrics/tie_range.ts";
import { formatScore } from "../format.ts";
import type { Leaderboard } from "../leaderboard.ts";
import { columnsOf, figure, type Row, words } from "../table.ts";
import { tiesDecide } from "../ties.ts";
import type { Section } from "./section.ts";

/** What the measures could be if passages with equal scores stood in another order; nothing where no measure could move. */
export function tieSection({ cells }: Leaderboard): Section | null {
  const rows = cells.flatMap((cell, series) =>
    Object.keys(cell.mean).filter((measure) => tieWidth(cell.ties[measure]) > 0).map((measure): Row => {
      const { min, expected, max, exact } = cell.ties[measure];
      return {
        series,
        cells: [
          cell.system,
          measure,
          figure(cell.mean[measure], formatScore),
          figure(min, formatScore),
          figure(expected, (value) => `${exact ? "" : "≈ "}${formatScore(value)}`),
          figure(max, formatScore),
          tiesDecide(cell, measure, cells) ? "yes" : "no",
        ],
      };
    })
  );
  if (rows.length === 0) return null;
  return {
    title: "Ties",
    charts: [],
    tables: [{
      caption: "What other orders of passages with equal scores would give.",
      columns: columnsOf(
        words("system"),
        words("measure"),
        "reported",
        "least",
        "expected",
        "greatest",
        words("decides the place"),
      ),
      rows,
    }],
  };
}
