import { median } from "../eval/latency/percentiles.ts";
import { scatterChart } from "../reports/charts/scatter.ts";
import { figureOf } from "../reports/html/figure.ts";
import { renderPage } from "../reports/html/page.ts";
import type { PlaidResult } from "./plaid_peers.ts";

/** A page with the overlap with exhaustive search against the median time of a query. */
export function drawPareto(title: string, results: readonly PlaidResult[]): string {
  const engines = [...new Set(results.map(({ engine }) => engine))];
  const chart = scatterChart({
    title,
    caption: "Dashed: Pareto frontier; hollow: beaten in both.",
    x: { name: "median time of a query, ms", format: (value) => String(Number(value.toPrecision(3))) },
    y: { name: "overlap@10 with exhaustive search", format: (value) => value.toFixed(3) },
    points: results.map(({ engine, setting, ms, overlap10 }) => {
      return { label: `${engine}: ${setting}`, series: engines.indexOf(engine), x: median(ms), y: overlap10 };
    }),
  });
  return renderPage({ title: "PLAID engines", lead: title, content: figureOf(chart) });
}
