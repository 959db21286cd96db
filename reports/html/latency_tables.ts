import { html } from "hono/html";
import {
  type Latency,
  type LatencyRatio,
  type LoadPoint,
  MODES,
  type StartTimes,
} from "../../eval/results/latency_schema.ts";
import { formatMs } from "../format.ts";
import { formatPercentiles } from "../percentiles.ts";
import type { Leaderboard } from "../leaderboard.ts";
import { dataTable } from "./data_table.ts";
import type { Markup } from "./markup.ts";

type Estimate = LatencyRatio["ratio"];
type Timed = { readonly system: string; readonly latency: Latency };

/** Times of each system: one query at a time, from the start of a process, and under load; and how systems compare. */
export function latencyTables({ cells, dataset, topics }: Leaderboard, ratios: readonly LatencyRatio[]): Markup {
  const timed = cells.flatMap(({ system, latency }) => latency ? [{ system, latency }] : []);
  if (timed.length === 0) return html``;
  const own = ratios.filter((ratio) => ratio.dataset === dataset && ratio.topics === topics);
  return html`<details>
<summary>Latency</summary>
${singleStream(timed)}
${starts(timed)}
${load(timed)}
${ratioTable(own)}
</details>`;
}

function singleStream(timed: readonly Timed[]): Markup {
  const rows = timed.flatMap(({ system, latency }) =>
    MODES.map((mode) => [
      system,
      mode === "search" ? "search alone" : "with encoding",
      formatMs(latency[mode].mean_ms),
      latency[mode].median_ms ? formatEstimate(latency[mode].median_ms, formatMs) : "–",
      formatPercentiles(latency[mode]),
      `${latency.queries} (${latency.requests} times, ${latency.rounds} ${latency.rounds === 1 ? "round" : "rounds"})`,
      `${latency.warmup_searches} searches${formatSettled(latency)}`,
      latency.stopped,
    ])
  );
  const columns = ["system", { text: "what" }, "mean ms", { text: "median, 99 % interval" }];
  return dataTable(
    "Single stream: one query at a time. Percentiles with their bounds from above (99 % confidence).",
    [...columns, { text: "percentiles" }, { text: "queries" }, { text: "warm-up" }, { text: "ended by" }],
    rows,
  );
}

function formatSettled({ warmup_settled, warmup_queries }: Latency): string {
  const settled = warmup_settled === null ? "" : warmup_settled ? ", steady" : ", not steady yet";
  return `${settled}${warmup_queries === "others" ? ", other queries" : ""}`;
}

function formatEstimate({ value, low, high }: Estimate, format: (value: number) => string): string {
  return `${format(value)} (${format(low)} … ${format(high)})`;
}

function starts(timed: readonly Timed[]): Markup {
  const rows = timed.flatMap(({ system, latency: { cold, warm } }) =>
    [["cold", cold] as const, ["warm", warm] as const].flatMap(([name, start]) =>
      start ? [[system, startName(name, start), ...startFigures(start)]] : []
    )
  );
  if (rows.length === 0) return html``;
  const columns = ["system", { text: "start, files in the page cache" }, "load encoder", "open index", "first query"];
  return dataTable("A process of its own, from its start, ms.", columns, rows);
}

function startName(name: string, { cached_share }: StartTimes): string {
  const share = cached_share === null ? "share not known" : `${(100 * cached_share).toFixed(0)} %`;
  return `${name}, ${share}`;
}

function startFigures({ encoder_ms, open_ms, first_query_ms }: StartTimes): string[] {
  return [encoder_ms === null ? "–" : formatMs(encoder_ms), formatMs(open_ms), formatMs(first_query_ms)];
}

function load(timed: readonly Timed[]): Markup {
  const rows = timed.flatMap(({ system, latency }) =>
    latency.load.map((point) => [
      system,
      formatScenario(point),
      point.with_encoding ? "with encoding" : "search alone",
      point.throughput_qps.toPrecision(4),
      point.response ? formatPercentiles(point.response) : "–",
      `${point.requests}${point.dropped ? `, ${point.dropped} not sent` : ""}`,
      point.joules_per_query === null ? "not available" : point.joules_per_query.toPrecision(3),
    ])
  );
  if (rows.length === 0) return html``;
  return dataTable(
    "Under load. Server: requests come at random at the given rate; times count from their scheduled arrival.",
    ["system", { text: "scenario" }, { text: "what" }, "queries/s", { text: "response" }, "requests", "J/query"],
    rows,
  );
}

function formatScenario({ scenario, concurrency, offered_qps }: LoadPoint): string {
  if (scenario === "multi-stream") return `${concurrency} client${concurrency === 1 ? "" : "s"}`;
  return scenario === "server" ? `server, ${offered_qps!.toPrecision(3)} arrivals/s` : "offline";
}

function ratioTable(ratios: readonly LatencyRatio[]): Markup {
  if (ratios.length === 0) return html``;
  const rows = ratios.map(({ system, other, mode, ratio, differs }) => [
    `${system} : ${other}`,
    mode === "search" ? "search alone" : "with encoding",
    formatEstimate(ratio, (value) => value.toPrecision(3)),
    differs ? "yes" : "not shown",
  ]);
  return dataTable(
    `Ratios of median times on the same queries, paired bootstrap over ${ratios[0].rounds} rounds, 99 % intervals.`,
    ["systems", { text: "what" }, { text: "ratio" }, { text: "differ" }],
    rows,
  );
}
