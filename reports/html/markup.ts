import { html, raw } from "hono/html";

/** Escaped HTML or SVG, as `hono/html` makes it. Nothing here is asynchronous. */
export type Markup = ReturnType<typeof html>;

/** An attribute with a blank before it; nothing where it has no value. */
export function attribute(name: string, value: string | number | undefined): Markup | string {
  return value === undefined ? "" : html`${raw(` ${name}`)}="${value}"`;
}
