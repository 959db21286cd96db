import { html } from "hono/html";
import { attribute, type Markup } from "../html/markup.ts";
import { columnsOf, figure, type Table, words } from "../table.ts";
import { linearAxis } from "./axis.ts";
import type { Chart } from "./chart.ts";
import { px, svg, tickText, WIDTH, widthOf } from "./frame.ts";
import { legend } from "./legend.ts";
import { PARTS, seriesClass } from "./marks.ts";

/** One bar: of several parts, or of one. */
export interface Bar {
  readonly label: string;
  /** The system that it belongs to, if any. */
  readonly series?: number;
  /** By name; nothing below 0. */
  readonly parts: Readonly<Record<string, number>>;
  /** 95 % interval of the whole. */
  readonly interval?: readonly [low: number, high: number];
}

/** What a chart of bars shows. */
export interface BarChart {
  readonly title: string;
  readonly caption: string;
  /** What the lengths are, with their unit. */
  readonly label: string;
  readonly bars: readonly Bar[];
  /** What the values count, for ticks at round numbers. */
  readonly unit?: "bytes";
  format(value: number): string;
}

const BAR = 16;
const STEP = 24;
const RIGHT = 64;

/** Horizontal bars from 0, in the order given, with the whole at their ends. */
export function barChart({ title, caption, label, bars, unit, format }: BarChart): Chart {
  const names = [...new Set(bars.flatMap(({ parts }) => Object.keys(parts)))];
  const stacked = names.length > 1;
  const left = Math.min(240, Math.max(...bars.map((bar) => widthOf(bar.label))) + 10);
  const ends = bars.flatMap(({ parts, interval }) => [sumOf(parts), ...interval ?? []]);
  const axis = linearAxis(ends, { name: label, format }, { fromZero: true, bytes: unit === "bytes", ticks: 4 });
  const at = (value: number) => px(left + axis.position(value) * (WIDTH - RIGHT - left));
  const bottom = bars.length * STEP + 8;
  const grid = axis.ticks.map((tick) =>
    html`
      <line x1="${at(tick)}" x2="${at(tick)}" y1="4" y2="${bottom}" />
      <text x="${at(tick)}" y="${bottom + 14}" text-anchor="middle">${tickText(axis, tick)}</text>
    `
  );
  const key = stacked ? legend(names.map((name, i) => ({ name, sample: sampleOf(i) })), bottom + 38) : null;
  const colour = (name: string, bar: Bar) => {
    return stacked ? `p${names.indexOf(name) % PARTS}` : seriesClass(bar.series ?? 0);
  };
  const drawn = bars.map((bar, b) => {
    const y = b * STEP + 10;
    const end = Math.max(at(sumOf(bar.parts)), ...(bar.interval ?? []).map(at));
    return html`<g${attribute("data-s", bar.series)}><text x="${left - 6}" y="${y + 12}" text-anchor="end">${
      shorten(bar.label, left)
    }</text>${parts(bar, y, at, (name) => colour(name, bar), format)}${whisker(bar, y, at)}<text x="${end + 5}" y="${
      y + 12
    }">${format(sumOf(bar.parts))}</text></g>`;
  });
  const content = html`
    <g class="grid">${grid}</g><text class="axis" x="${(left + WIDTH - RIGHT) / 2}" y="${bottom + 32}"
      text-anchor="middle">${label}</text>${drawn}${key?.markup ?? ""}
  `;
  return {
    title,
    caption,
    svg: svg(title, bottom + 40 + (key?.height ?? 0), content),
    table: tableOf(title, label, bars, stacked ? names : [], format),
  };
}

/** A bar's rectangles, one after the other. */
function parts(
  bar: Bar,
  y: number,
  at: (value: number) => number,
  colour: (name: string) => string,
  format: (value: number) => string,
): Markup[] {
  const entries = Object.entries(bar.parts);
  const whole = sumOf(bar.parts);
  let sum = 0;
  return entries.map(([name, value]) => {
    const x = at(sum);
    sum += value;
    const share = entries.length > 1 && whole > 0 ? `, ${(100 * value / whole).toFixed(1)} %` : "";
    const tip = `${bar.label}: ${entries.length > 1 ? `${name} ` : ""}${format(value)}${share}`;
    const width = px(Math.max(at(sum) - x, 0.5));
    return html`
      <rect class="part mark ${colour(name)}" data-tip="${tip}" data-x="${x}" data-y="${y}" x="${x}"
        y="${y}" width="${width}" height="${BAR}" />
    `;
  });
}

function whisker({ interval }: Bar, y: number, at: (value: number) => number): Markup | string {
  if (!interval) return "";
  const middle = y + BAR / 2;
  return html`
    <line class="whisker" x1="${at(interval[0])}" x2="${at(interval[1])}" y1="${middle}" y2="${middle}" />
  `;
}

function tableOf(
  title: string,
  label: string,
  bars: readonly Bar[],
  names: readonly string[],
  format: (value: number) => string,
): Table {
  const withIntervals = bars.some(({ interval }) => interval);
  const ends = withIntervals ? ["95 % from", "to"] : [];
  return {
    caption: title,
    columns: columnsOf(words("bar"), ...names, names.length > 0 ? `all, ${label}` : label, ...ends),
    rows: bars.map(({ label, series, parts, interval }) => ({
      series,
      cells: [
        label,
        ...names.map((name) => figure(parts[name], format)),
        figure(sumOf(parts), format),
        ...withIntervals ? [0, 1].map((end) => figure(interval?.[end], format)) : [],
      ],
    })),
  };
}

function sampleOf(part: number): Markup {
  return html`
    <rect class="part p${part % PARTS}" x="-5" y="-5" width="10" height="10" />
  `;
}

function sumOf(parts: Bar["parts"]): number {
  return Object.values(parts).reduce((sum, value) => sum + value, 0);
}

function shorten(text: string, room: number): string {
  const fits = Math.floor((room - 10) / widthOf("x"));
  return text.length <= fits ? text : `${text.slice(0, fits - 1)}…`;
}
