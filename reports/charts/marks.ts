// @ts-types="@types/d3-shape"
import { symbol, symbolsFill } from "d3-shape";
import { html } from "hono/html";
import { attribute, type Markup } from "../html/markup.ts";

/** Colours that the style sheet has: Okabe and Ito's, told apart by all. Shapes and dashes differ as well. */
const COLOURS = 8;

/** Colours for the parts of a bar. */
export const PARTS = 12;

const DASHES = ["", "6 3", "2 2", "8 3 2 3", "1 3", "10 4", "4 2 1 2"];

/** The class that colours what belongs to a system. */
export function seriesClass(series: number): string {
  return `s${series % COLOURS}`;
}

/** What tells a system's line from another's besides its colour. */
export function dashOf(series: number): string {
  return DASHES[series % DASHES.length];
}

/** A system's symbol, with what it says when it is pointed at. */
export function mark(
  { x, y, series, tip, size = 70, hollow = false, query }: {
    readonly x: number;
    readonly y: number;
    readonly series: number;
    readonly tip: string;
    readonly size?: number;
    readonly hollow?: boolean;
    readonly query?: string;
  },
): Markup {
  return html`
    <path class="mark ${seriesClass(series)}${hollow ? " hollow" : ""}" data-s="${series}" data-x="${x}" data-y="${y}"
      data-tip="${tip}" ${attribute("data-q", query)} transform="translate(${x} ${y})" d="${shapeOf(series, size)}" />
  `;
}

/** The outline of a system's symbol around the origin. */
export function shapeOf(series: number, size: number): string {
  return symbol().type(symbolsFill[series % symbolsFill.length]).size(size).digits(1)() ?? "";
}
