import { diskBytesOf, latencyOf, operationsOf } from "../../eval/results/figures.ts";
import type { Cell } from "../../eval/results/schema.ts";
import { linearAxis, logAxis } from "../charts/axis.ts";
import type { Chart } from "../charts/chart.ts";
import { curveChart } from "../charts/curves.ts";
import { scatterChart } from "../charts/scatter.ts";
import { formatBytes, formatCount, formatFlops, formatMs, formatScore } from "../format.ts";
import { intervalOf } from "../intervals.ts";
import { type Leaderboard, mainMeasure } from "../leaderboard.ts";
import type { Section } from "./section.ts";

/** What quality is set against. */
const COSTS: readonly {
  readonly name: string;
  readonly about: string;
  readonly ticks?: "bytes";
  value(cell: Cell): number | null;
  format(value: number): string;
}[] = [
  { name: "ms/query", about: "encoding included, one query at a time, mean", value: latencyOf, format: formatMs },
  {
    name: "operations/query",
    about: "floating-point and integer ones, 2 × multiply–accumulates of executed shapes, encoding included",
    value: operationsOf,
    format: formatFlops,
  },
  { name: "index on disk", about: "bytes", ticks: "bytes", value: diskBytesOf, format: formatBytes },
  {
    name: "seconds to build",
    about: "encoding excluded, when the index was built",
    value: ({ build }) => build?.seconds ?? null,
    format: formatMs,
  },
];

/** Quality against every cost, and recall against depth. */
export function qualitySection(board: Leaderboard): Section {
  return { title: "Quality and cost", charts: [...tradeOffs(board), ...recallChart(board)], tables: [] };
}

/** Quality against each cost that at least two systems have. */
export function tradeOffs({ cells, columns, dataset, topics }: Leaderboard): Chart[] {
  const measure = mainMeasure(columns);
  if (measure === null) return [];
  const intervals = cells.map((cell) => cell.queries.length < 2 ? undefined : intervalOf(cell, measure));
  return COSTS.flatMap(({ name, about, ticks, value, format }) => {
    const points = cells.flatMap((cell, series) => {
      const x = value(cell);
      const interval = intervals[series];
      return x !== null && x > 0 ? [{ label: cell.system, series, x, y: cell.mean[measure], interval }] : [];
    });
    if (points.length < 2) return [];
    return [scatterChart({
      title: `${measure} against ${name}, ${dataset} / ${topics}`,
      caption:
        `${measure} with 95 % intervals against ${name} (${about}). Dashed: Pareto frontier; hollow: beaten in both.`,
      x: { name, format, ticks },
      y: { name: measure, format: formatScore, bounds: [0, 1] },
      points,
    })];
  });
}

function recallChart({ cells, dataset, topics }: Leaderboard): Chart[] {
  const curves = cells.flatMap(({ system, recall_curve }, series) =>
    recall_curve
      ? [{
        label: system,
        series,
        points: recall_curve.points.map(({ depth, mean, low, high }) => ({
          x: depth,
          y: mean,
          interval: [low, high] as const,
        })),
      }]
      : []
  );
  if (curves.length === 0) return [];
  const points = curves.flatMap(({ points }) => points);
  const level = cells.find(({ recall_curve }) => recall_curve)!.recall_curve!.level;
  return [curveChart({
    title: `Recall against depth, ${dataset} / ${topics}`,
    caption: `Mean share of a query's relevant passages${
      level > 1 ? ` (grade ${level} or more)` : ""
    } among its first so many, with 95 % t-intervals.`,
    x: logAxis(points.map(({ x }) => x), { name: "depth", format: formatCount, room: 1.1 }),
    y: linearAxis(points.flatMap(({ y, interval }) => [y, ...interval]), { name: "recall", format: formatScore }, {
      bounds: [0, 1],
    }),
    curves,
  })];
}
