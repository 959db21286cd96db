import { html } from "hono/html";
import { median } from "../eval/latency/percentiles.ts";
import { scatterChart } from "../reports/charts/scatter.ts";
import { STYLE } from "../reports/html/style.ts";
import type { PlaidResult } from "./plaid_peers.ts";

/** A page with the overlap with exhaustive search against the median time of a query. */
export function drawPareto(title: string, results: readonly PlaidResult[]): string {
  const chart = scatterChart({
    title,
    xLabel: "median time of a query, ms",
    yLabel: "overlap@10 with exhaustive search",
    points: results.map(({ engine, setting, ms, overlap10 }) => {
      return { label: `${engine}: ${setting}`, x: median(ms), y: overlap10 };
    }),
    xTicks: "decimal",
    formatX: (value) => String(Number(value.toPrecision(3))),
    formatY: (value) => value.toFixed(3),
  });
  return String(html`
    <!doctype html>
    <html lang="en"><meta charset="utf-8"><title>${title}</title><style>${STYLE}</style>
    <h1>PLAID engines</h1><p>${title}</p>${chart}</html>
  `);
}
