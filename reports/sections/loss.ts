import { latencyOf } from "../../eval/results/figures.ts";
import { scatterChart } from "../charts/scatter.ts";
import { formatDifference, formatMs, formatScore } from "../format.ts";
import { type Leaderboard, mainMeasure } from "../leaderboard.ts";
import { columnsOf, figure, type Row, words } from "../table.ts";
import type { Section } from "./section.ts";

/** How much of exhaustive search's rankings each system gives, and what that costs in quality. */
export function lossSection({ cells, columns, dataset, topics }: Leaderboard): Section | null {
  const measure = mainMeasure(columns);
  const known = cells.flatMap((cell, series) => cell.approximation ? [{ cell, series, ...cell.approximation }] : []);
  if (known.length === 0) return null;
  const reference = cells.find(({ system, backend }) =>
    system === known[0].reference || backend === known[0].reference
  );
  const rows = known.map(({ cell, series, overlap, rbo, tau }): Row => ({
    series,
    cells: [
      cell.system,
      figure(overlap["10"], formatScore),
      figure(overlap["100"], formatScore),
      figure(overlap["1000"], formatScore),
      figure(rbo, formatScore),
      figure(tau, formatScore),
      figure(
        measure === null || !reference ? null : cell.mean[measure] - reference.mean[measure],
        formatDifference,
      ),
    ],
  }));
  const points = known.flatMap(({ cell, series, overlap }) => {
    const x = latencyOf(cell);
    return x !== null && x > 0 ? [{ label: cell.system, series, x, y: overlap["10"] }] : [];
  });
  return {
    title: "Approximation loss",
    charts: points.length < 2 ? [] : [scatterChart({
      title: `Overlap@10 with ${known[0].reference} against ms/query, ${dataset} / ${topics}`,
      caption: `Share of ${
        known[0].reference
      }'s first ten passages that are among a system's first ten, against its mean time of a query, encoding included.`,
      x: { name: "ms/query", format: formatMs },
      y: { name: "overlap@10", format: formatScore, bounds: [0, 1] },
      points,
    })],
    tables: [{
      caption: `Rankings against those of ${known[0].reference}, means over ${known[0].queries} queries.`,
      columns: columnsOf(
        words("system"),
        "overlap@10",
        "overlap@100",
        "overlap@1000",
        "RBO 0.9",
        "Kendall's τ@100",
        ...measure === null ? ["Δ"] : [`Δ ${measure}`],
      ),
      rows,
    }],
  };
}
