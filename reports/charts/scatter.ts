// @ts-types="@types/d3-shape"
import { line } from "d3-shape";
import { html } from "hono/html";
import { columnsOf, figure, words } from "../table.ts";
import { type AxisOptions, linearAxis, logAxis } from "./axis.ts";
import type { Chart } from "./chart.ts";
import { frame, plotOf, px } from "./frame.ts";
import { placeLabels } from "./labels.ts";
import { mark } from "./marks.ts";

/** One system in a chart. */
export interface ScatterPoint {
  readonly label: string;
  readonly series: number;
  /** Positive: the axis is logarithmic. */
  readonly x: number;
  readonly y: number;
  /** 95 % interval of y. */
  readonly interval?: readonly [low: number, high: number];
}

/** What a scatter chart shows. */
export interface ScatterChart {
  readonly title: string;
  readonly caption: string;
  readonly x: AxisOptions & { readonly ticks?: "decimal" | "bytes" };
  readonly y: AxisOptions & { readonly bounds?: readonly [number, number] };
  readonly points: readonly ScatterPoint[];
}

/**
 * Quality against a cost on a logarithmic axis; up and to the left is better. The stepped line is the Pareto frontier: systems that
 * no other beats in both; the others are hollow.
 */
export function scatterChart({ title, caption, x: xOptions, y: yOptions, points }: ScatterChart): Chart {
  const x = logAxis(points.map((p) => p.x), { hint: "← better", ...xOptions });
  const ends = points.flatMap((p) => [p.y, ...p.interval ?? []]);
  const y = linearAxis(ends, { hint: "better →", ...yOptions }, { bounds: yOptions.bounds });
  const plot = plotOf(x, y);
  const front = frontier(points);
  const placed = points.map((p) => ({ x: plot.x(p.x), y: plot.y(p.y), text: p.label }));
  const labels = placeLabels(placed, plot);
  const steps = stepsOf(front).map(([px, py]): [number, number] => [plot.x(px), plot.y(py)]);
  const svg = frame(title, x, y, [
    html`
      <path class="frontier" d="${line().digits(1)(steps) ?? ""}" />
    `,
    ...points.map((point, i) => {
      const at = placed[i];
      const label = labels[i];
      const tip = `${point.label}: ${yOptions.name} ${yOptions.format(point.y)}${
        point.interval ? ` (${point.interval.map(yOptions.format).join(" … ")})` : ""
      }, ${xOptions.name} ${xOptions.format(point.x)}`;
      return html`
        <g
          data-s="${point.series}">${point.interval
            ? html`
              <line class="whisker" x1="${at.x}" x2="${at.x}" y1="${plot.y(point.interval[0])}" y2="${plot.y(
                point.interval[1],
              )}" />
            `
            : ""}${mark({ ...at, series: point.series, tip, hollow: !front.includes(point) })}<text x="${px(
              label.x,
            )}" y="${px(label.y)}" text-anchor="${label.anchor}">${point.label}</text></g>
      `;
    }),
  ]);
  const withIntervals = points.some(({ interval }) => interval);
  return {
    title,
    caption,
    svg,
    table: {
      caption: title,
      columns: columnsOf(words("system"), xOptions.name, yOptions.name, ...withIntervals ? ["95 % from", "to"] : []),
      rows: points.map(({ label, series, x, y, interval }) => ({
        series,
        cells: [
          label,
          figure(x, xOptions.format),
          figure(y, yOptions.format),
          ...withIntervals ? [0, 1].map((end) => figure(interval?.[end], yOptions.format)) : [],
        ],
      })),
    },
  };
}

/** The points of the Pareto frontier: cheapest first, each better than all cheaper ones. */
export function frontier<T extends { readonly x: number; readonly y: number }>(points: readonly T[]): T[] {
  const sorted = [...points].sort((a, b) => a.x - b.x || b.y - a.y);
  let best = -Infinity;
  return sorted.filter(({ y }) => {
    const better = y > best;
    best = Math.max(best, y);
    return better;
  });
}

/** The corners of the frontier's steps. */
function stepsOf(points: readonly { readonly x: number; readonly y: number }[]): [number, number][] {
  return points.flatMap(({ x, y }, i) => i === 0 ? [[x, y]] : [[x, points[i - 1].y], [x, y]]) as [number, number][];
}
