import type { Cell } from "../../eval/results/schema.ts";
import { linearAxis } from "../charts/axis.ts";
import type { Chart } from "../charts/chart.ts";
import { type Curve, curveChart, type CurvePoint } from "../charts/curves.ts";
import { formatCount, formatDifference } from "../format.ts";
import { type Leaderboard, mainMeasure } from "../leaderboard.ts";
import { own } from "../../support/own.ts";

/** Queries that are marked at both ends of a curve, where they are too many to mark all. */
const MARKED = 10;
/** Points of a curve that are drawn at most. */
const DRAWN = 200;

/** Differences of every query to one system, in descending order: who wins how often, and by how much. */
export function queryChart({ cells, columns, queryTexts, dataset, topics }: Leaderboard): Chart[] {
  const measure = mainMeasure(columns);
  if (measure === null || cells.length < 2) return [];
  const reference = cells.find(({ backend }) => backend === "exhaustive") ??
    cells.reduce((best, cell) => cell.mean[measure] > best.mean[measure] ? cell : best);
  const curves = cells.flatMap((cell, series): Curve[] => {
    if (cell === reference) return [];
    return [{ label: cell.system, series, points: differences(cell, reference, measure, queryTexts) }];
  });
  const values = curves.flatMap(({ points }) => points.map(({ y }) => y));
  return [curveChart({
    title: `${measure} of each query against ${reference.system}, ${dataset} / ${topics}`,
    caption:
      `${measure} of a query less that of ${reference.system}, largest gain first. Drag over symbols to see these queries alone in the table below.`,
    x: linearAxis([1, reference.queries.length], { name: "queries by difference", format: formatCount }, {
      bounds: [0, reference.queries.length + 1],
    }),
    y: linearAxis(values, { name: `Δ ${measure}`, format: formatDifference }, { fromZero: true, bounds: [-1, 1] }),
    curves,
    steps: true,
  })];
}

function differences(
  { queries }: Cell,
  reference: Cell,
  measure: string,
  texts: ReadonlyMap<string, string>,
): CurvePoint[] {
  const sorted = queries.map(({ id, measures }, q) => ({
    id,
    change: (own(measures, measure) ?? 0) - (own(reference.queries[q]?.measures, measure) ?? 0),
  })).sort((a, b) => b.change - a.change);
  const last = sorted.length - 1;
  const step = Math.max(1, Math.ceil(sorted.length / DRAWN));
  const all = sorted.length <= 6 * MARKED;
  return sorted.flatMap(({ id, change }, rank): CurvePoint[] => {
    const marked = change !== 0 && (all || rank < MARKED || rank > last - MARKED);
    if (!marked && rank % step > 0 && rank < last) return [];
    return [{ x: rank + 1, y: change, marked, query: id, note: texts.get(id) ?? id }];
  });
}
