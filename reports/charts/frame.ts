import { html } from "hono/html";
import type { Markup } from "../html/markup.ts";
import type { Axis } from "./axis.ts";

/** Size of a chart, px. */
export const WIDTH = 460;
/** Height of charts with two axes, px. */
export const HEIGHT = 320;
const MARGIN = { top: 14, right: 18, bottom: 46, left: 62 };

/** Where values are drawn. */
export interface Plot {
  x(value: number): number;
  y(value: number): number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** The area that two axes span. */
export function plotOf(x: Axis, y: Axis): Plot {
  const [left, right, top, bottom] = [MARGIN.left, WIDTH - MARGIN.right, MARGIN.top, HEIGHT - MARGIN.bottom];
  return { x: placed(x, left, right), y: placed(y, bottom, top), left, right, top, bottom };
}

function placed(axis: Axis, from: number, until: number): (value: number) => number {
  return (value) => px(from + axis.position(value) * (until - from));
}

/**
 * A chart with two axes and their grid.
 *
 * @param key what stands below the x axis, and how high it is
 */
export function frame(
  title: string,
  x: Axis,
  y: Axis,
  content: readonly Markup[],
  key: { readonly markup: readonly Markup[]; readonly height: number } = { markup: [], height: 0 },
): Markup {
  const plot = plotOf(x, y);
  const { left, right, top, bottom } = plot;
  return svg(
    title,
    HEIGHT + key.height,
    html`
      <g class="grid">${y.ticks.map((tick) =>
        html`
          <line x1="${left}" x2="${right}" y1="${plot.y(tick)}" y2="${plot.y(tick)}" />
          <text x="${left - 6}" y="${plot.y(tick) + 4}" text-anchor="end">${tickText(y, tick)}</text>
        `
      )}${x.ticks.map((tick) =>
        html`
          <line x1="${plot.x(tick)}" x2="${plot.x(tick)}" y1="${top}" y2="${bottom}" />
          <text x="${plot.x(tick)}" y="${bottom + 16}" text-anchor="middle">${tickText(x, tick)}</text>
        `
      )}</g><text class="axis" x="${(left + right) / 2}" y="${HEIGHT - 8}"
        text-anchor="middle">${x.label}</text>
      <text class="axis" transform="translate(14 ${(top + bottom) / 2}) rotate(-90)" text-anchor="middle">${y
        .label}</text>
      ${content}${key.markup}
    `,
  );
}

/** A tick's value without zeros that say nothing: `0.5000` is 0.5, `4.00 MiB` 4 MiB. */
export function tickText({ format }: Pick<Axis, "format">, tick: number): string {
  return format(tick).replace(/\.0+(?!\d)|(\.\d*[1-9])0+(?!\d)/, "$1");
}

/** An SVG element that is an image to those who cannot see it; the table beside it has what it shows. */
export function svg(title: string, height: number, content: Markup): Markup {
  return html`
    <svg viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img"
      aria-label="${title}">${content}</svg>
  `;
}

/** A length with one decimal: enough for any screen, and a shorter page. */
export function px(value: number): number {
  return Math.round(value * 10) / 10;
}

/** Room that a label takes, px: the page's font is not known here, so a little more than most need. */
export function widthOf(text: string): number {
  return text.length * 6.5;
}
