import { html } from "hono/html";
import { attribute, type Markup } from "../html/markup.ts";
import { px, WIDTH, widthOf } from "./frame.ts";

/** A name, and how its colour is drawn around the origin, in a box of 12 px. */
export interface LegendItem {
  readonly name: string;
  readonly sample: Markup;
  readonly series?: number;
}

const LINE = 16;

/** Names beside their colours, in as many lines as they need, from `top` on. */
export function legend(
  items: readonly LegendItem[],
  top: number,
): { readonly markup: Markup[]; readonly height: number } {
  let [x, y] = [8, top + 10];
  const markup = items.map(({ name, sample, series }) => {
    const width = widthOf(name) + 28;
    if (x + width > WIDTH && x > 8) [x, y] = [8, y + LINE];
    const placed = html`<g${attribute("data-s", series)} transform="translate(${
      px(x + 4)
    } ${y})">${sample}<text x="11" y="4">${name}</text></g>`;
    x += width;
    return placed;
  });
  return { markup, height: y + 12 - top };
}
