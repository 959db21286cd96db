// @ts-types="@types/d3-shape"
import { area, curveStepAfter, line } from "d3-shape";
import { html } from "hono/html";
import { columnsOf, figure, type Row, words } from "../table.ts";
import type { Markup } from "../html/markup.ts";
import type { Axis } from "./axis.ts";
import type { Chart } from "./chart.ts";
import { frame, HEIGHT, type Plot, plotOf } from "./frame.ts";
import { legend } from "./legend.ts";
import { dashOf, mark, seriesClass, shapeOf } from "./marks.ts";

/** One point of a curve. */
export interface CurvePoint {
  readonly x: number;
  readonly y: number;
  /** 95 % interval of y. */
  readonly interval?: readonly [low: number, high: number];
  /** Shown with a symbol, and in the table; the others are drawn only. */
  readonly marked?: boolean;
  /** What the symbol says besides its values. */
  readonly note?: string;
  /** Id of the query that the point stands for. */
  readonly query?: string;
}

/** One curve. */
export interface Curve {
  readonly label: string;
  readonly series: number;
  readonly points: readonly CurvePoint[];
}

/** What a chart of curves shows. */
export interface CurveChart {
  readonly title: string;
  readonly caption: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly curves: readonly Curve[];
  /** Drawn as steps: the value holds until the next point. */
  readonly steps?: boolean;
}

/** Curves over a common axis, with their intervals as bands; systems differ by colour, dash and symbol. */
export function curveChart({ title, caption, x, y, curves, steps = false }: CurveChart): Chart {
  const plot = plotOf(x, y);
  const key = legend(curves.map(({ label, series }) => ({ name: label, series, sample: sampleOf(series) })), HEIGHT);
  const drawn = curves.map((curve) => {
    const { label, series, points } = curve;
    const marks = points.filter(isMarked).map((point) =>
      mark({
        x: plot.x(point.x),
        y: plot.y(point.y),
        series,
        size: 36,
        query: point.query,
        tip: `${label}: ${y.name} ${y.format(point.y)}${
          point.interval ? ` (${point.interval.map(y.format).join(" … ")})` : ""
        }, ${x.name} ${x.format(point.x)}${point.note ? `, ${point.note}` : ""}`,
      })
    );
    const path = pathOf(points, plot, steps);
    return html`
      <g class="${seriesClass(series)}"
        data-s="${series}">${bandOf(points, plot)}<path class="curve" d="${path}" stroke-dasharray="${dashOf(
          series,
        )}"/>${marks}</g>
    `;
  });
  const withIntervals = curves.some(({ points }) => points.some(({ interval }) => interval));
  const withNotes = curves.some(({ points }) => points.some(({ note }) => note));
  const rows = curves.flatMap(({ label, series, points }) =>
    points.filter(isMarked).map((point): Row => ({
      series,
      query: point.query,
      cells: [
        label,
        figure(point.x, x.format),
        figure(point.y, y.format),
        ...withIntervals ? [0, 1].map((end) => figure(point.interval?.[end], y.format)) : [],
        ...withNotes ? [point.note ?? ""] : [],
      ],
    }))
  );
  const more = [
    ...withIntervals ? ["95 % from", "to"] : [],
    ...withNotes ? [words("of it")] : [],
  ];
  const columns = columnsOf(words("system"), x.name, y.name, ...more);
  return { title, caption, svg: frame(title, x, y, drawn, key), table: { caption: title, columns, rows } };
}

function isMarked({ marked = true }: CurvePoint): boolean {
  return marked;
}

function sampleOf(series: number): Markup {
  return html`
    <g class="${seriesClass(series)}">
      <path class="curve" d="M-8 0H8" stroke-dasharray="${dashOf(series)}" />
      <path class="sample" d="${shapeOf(series, 36)}" />
    </g>
  `;
}

function pathOf(points: readonly CurvePoint[], plot: Plot, steps: boolean): string {
  const path = line<CurvePoint>((p) => plot.x(p.x), (p) => plot.y(p.y)).digits(1);
  return (steps ? path.curve(curveStepAfter) : path)(points) ?? "";
}

function bandOf(points: readonly CurvePoint[], plot: Plot) {
  const known = points.filter(({ interval }) => interval);
  if (known.length < 2) return "";
  const band = area<CurvePoint>().digits(1).x((p) => plot.x(p.x)).y0((p) => plot.y(p.interval![0])).y1((p) =>
    plot.y(p.interval![1])
  );
  return html`
    <path class="band" d="${band(known) ?? ""}" />
  `;
}
