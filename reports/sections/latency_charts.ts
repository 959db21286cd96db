import type { Cell } from "../../eval/results/schema.ts";
import { medianOf } from "../../eval/results/figures.ts";
import { linearAxis, logAxis } from "../charts/axis.ts";
import type { Chart } from "../charts/chart.ts";
import { type Curve, curveChart, type CurvePoint } from "../charts/curves.ts";
import { formatMs } from "../format.ts";
import type { Leaderboard } from "../leaderboard.ts";
import { formatPercentiles } from "../percentiles.ts";
import type { Timed } from "./latency.ts";

/** Points of a distribution that are drawn: finer steps would not be seen. */
const DRAWN = 120;

/** How the times of queries are distributed; the percentiles that their number supports are marked. */
export function distributionChart({ cells, dataset, topics }: Leaderboard): Chart[] {
  const curves = cells.flatMap((cell, series): Curve[] => {
    const points = distribution(cell);
    return points.length > 1 ? [{ label: cell.system, series, points }] : [];
  });
  if (curves.length === 0) return [];
  const times = curves.flatMap(({ points }) => points.map(({ x }) => x));
  return [curveChart({
    title: `Distribution of latency, ${dataset} / ${topics}`,
    caption:
      "Share of the queries that were answered within so many ms, encoding included (full latency: each query's median of several times). Marked: percentiles that the number of queries supports.",
    x: logAxis(times, { name: "ms", hint: "← better", format: formatMs, room: 1.15 }),
    y: linearAxis([0, 1], { name: "share of queries", format: percent }, { bounds: [0, 1] }),
    curves,
    steps: true,
  })];
}

function distribution({ queries, latency }: Cell): CurvePoint[] {
  const times = queries.flatMap(({ with_encoding_ms }) => with_encoding_ms ?? []).filter((ms) => ms > 0)
    .sort((a, b) => a - b);
  const steps = Math.min(DRAWN, times.length);
  const points = Array.from({ length: steps }, (_, i): CurvePoint => {
    const rank = Math.ceil((i + 1) / steps * times.length);
    return { x: times[rank - 1], y: rank / times.length, marked: false };
  });
  const marked = (latency?.with_encoding.percentiles ?? []).map(({ percent, ms, at_most_ms }): CurvePoint => {
    return { x: ms, y: percent / 100, note: `p${percent}, at most ${formatMs(at_most_ms)} ms` };
  });
  return [...points, ...marked].sort((a, b) => a.x - b.x || a.y - b.y);
}

/** Response times against the rate at which requests come. */
export function loadChart(timed: readonly Timed[], { dataset, topics }: Leaderboard): Chart[] {
  const curves = timed.flatMap(({ system, series, latency }): Curve[] => {
    const served = latency.load.filter(({ scenario }) => scenario === "server");
    const encoded = served.some(({ with_encoding }) => with_encoding); // lexical systems encode nothing
    const points = served.flatMap(({ with_encoding, offered_qps, realised_qps, response }): CurvePoint[] => {
      const median = response && medianOf(response);
      if (with_encoding !== encoded || offered_qps === null || median === null) return [];
      return [{ x: realised_qps ?? offered_qps, y: median, note: formatPercentiles(response!) }];
    });
    return points.length > 0 ? [{ label: system, series, points: points.sort((a, b) => a.x - b.x) }] : [];
  });
  if (curves.length === 0) return [];
  const points = curves.flatMap(({ points }) => points);
  return [curveChart({
    title: `Latency under load, ${dataset} / ${topics}`,
    caption:
      "Median response, encoding included, from the scheduled arrival, against the rate at which requests come at random. Where a curve goes up steeply, the system is saturated.",
    x: logAxis(points.map(({ x }) => x), { name: "arrivals/s", format: formatMs }),
    y: logAxis(points.map(({ y }) => y), { name: "median ms", hint: "← better", format: formatMs }),
    curves,
  })];
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
