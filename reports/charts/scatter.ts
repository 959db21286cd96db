// @ts-types="@types/d3-scale"
import { scaleLinear, scaleLog } from "d3-scale";
// @ts-types="@types/d3-shape"
import { line, symbol, symbolsFill } from "d3-shape";
// @ts-types="@types/d3-array"
import { extent } from "d3-array";
import { html } from "hono/html";
import type { Markup } from "../html/markup.ts";

/** One system in a chart. */
export interface ScatterPoint {
  readonly label: string;
  /** Positive: the axis is logarithmic. */
  readonly x: number;
  readonly y: number;
}

/** What a scatter chart shows. */
export interface ScatterChart {
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly points: readonly ScatterPoint[];
  /** Of the x axis's ticks: 1, 2, 5, 10 … or, for bytes, powers of four. */
  readonly xTicks: "decimal" | "bytes";
  formatX(value: number): string;
  formatY(value: number): string;
}

const WIDTH = 440;
const HEIGHT = 300;
const MARGIN = { top: 16, right: 24, bottom: 46, left: 56 };
/** Okabe and Ito's colours, told apart by all; shapes differ as well. */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"];

/**
 * Quality against a cost on a logarithmic axis, as an SVG element; up and to the left is better. The stepped line is the Pareto
 * frontier: systems that no other beats in both.
 */
export function scatterChart(chart: ScatterChart): Markup {
  const points = chart.points;
  const x = scaleLog().domain(widen(extent(points, (p) => p.x) as [number, number], 1.6)).range([
    MARGIN.left,
    WIDTH - MARGIN.right,
  ]);
  const [low, high] = extent(points, (p) => p.y) as [number, number];
  const pad = Math.max((high - low) * 0.25, 0.01);
  const y = scaleLinear().domain([Math.max(0, low - pad), high + pad]).nice().range([
    HEIGHT - MARGIN.bottom,
    MARGIN.top,
  ]);
  const bottom = HEIGHT - MARGIN.bottom;
  const right = WIDTH - MARGIN.right;
  const steps = frontierSteps(points).map(([px, py]): [number, number] => [x(px), y(py)]);
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" role="img" aria-label="${chart.title}">
<title>${chart.title}</title>
<g class="grid">${
    y.ticks(5).map((tick) =>
      html`
        <line x1="${MARGIN.left}" x2="${right}" y1="${round(y(tick))}" y2="${round(y(tick))}" />
        <text x="${MARGIN.left - 6}" y="${round(y(tick) + 4)}" text-anchor="end">${chart.formatY(tick)}</text>
      `
    )
  }${
    logTicks(x.domain() as [number, number], chart.xTicks).map((tick) =>
      html`
        <line x1="${round(x(tick))}" x2="${round(x(tick))}" y1="${MARGIN.top}" y2="${bottom}" />
        <text x="${round(x(tick))}" y="${bottom + 16}" text-anchor="middle">${chart.formatX(tick)}</text>
      `
    )
  }</g>
<text class="axis" x="${(MARGIN.left + right) / 2}" y="${
    HEIGHT - 8
  }" text-anchor="middle">${chart.xLabel} (log) ← better</text>
<text class="axis" transform="translate(14 ${
    (MARGIN.top + bottom) / 2
  }) rotate(-90)" text-anchor="middle">${chart.yLabel} → better</text>
<path class="frontier" d="${line()(steps) ?? ""}"/>
${
    placeLabels(points.map((p) => ({ x: x(p.x), y: y(p.y) }))).map((label, i) => {
      const point = points[i];
      const shape = symbol().type(symbolsFill[i % symbolsFill.length]).size(80)() ?? "";
      const detail = `${point.label}: ${chart.yLabel} ${chart.formatY(point.y)}, ${chart.xLabel} ${
        chart.formatX(point.x)
      }`;
      const anchor = x(point.x) > WIDTH * 0.6 ? "end" : "start";
      const shift = anchor === "end" ? -9 : 9;
      return html`
        <g>
          <title>${detail}</title>
          <path transform="translate(${round(x(point.x))} ${round(
            y(point.y),
          )})" d="${shape}" fill="${COLOURS[i % COLOURS.length]}" />
          <text class="label" x="${round(x(point.x) + shift)}" y="${round(label)}" text-anchor="${anchor}">${point
            .label}</text>
        </g>
      `;
    })
  }</svg>`;
}

/** The corners of the Pareto frontier's steps: cheapest first. */
export function frontierSteps(points: readonly ScatterPoint[]): [number, number][] {
  const sorted = [...points].sort((a, b) => a.x - b.x || b.y - a.y);
  const steps: [number, number][] = [];
  let best = -Infinity;
  for (const point of sorted) {
    if (point.y <= best) continue;
    if (steps.length > 0) steps.push([point.x, best]);
    steps.push([point.x, point.y]);
    best = point.y;
  }
  return steps;
}

/** Heights of labels beside their points, pushed apart where they would overlap. */
function placeLabels(points: readonly { readonly x: number; readonly y: number }[]): number[] {
  const heights = points.map(({ y }) => y + 4);
  const order = points.map((_, i) => i).sort((a, b) => points[a].y - points[b].y);
  for (let i = 1; i < order.length; i++) {
    const above = order[i - 1];
    if (heights[order[i]] - heights[above] < 13) heights[order[i]] = heights[above] + 13;
  }
  return heights;
}

function widen([low, high]: [number, number], factor: number): [number, number] {
  return [low / factor, high * factor];
}

/** Ticks within a domain, thinned to at most seven. */
function logTicks([low, high]: [number, number], kind: ScatterChart["xTicks"]): number[] {
  const ticks: number[] = [];
  if (kind === "bytes") {
    const step = Math.max(1, Math.ceil(Math.log2(high / low) / 2 / 7));
    for (let power = Math.ceil(Math.log2(low) / 2); 4 ** power <= high; power += step) ticks.push(4 ** power);
    return ticks;
  }
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high); power++) {
    for (const step of [1, 2, 5]) {
      const tick = step * 10 ** power;
      if (tick >= low && tick <= high) ticks.push(tick);
    }
  }
  return ticks.length <= 7 ? ticks : ticks.filter((tick) => Number.isInteger(Math.log10(tick)));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
