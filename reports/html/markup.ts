import type { html } from "hono/html";

/** Escaped HTML or SVG, as `hono/html` makes it. Nothing here is asynchronous. */
export type Markup = ReturnType<typeof html>;
