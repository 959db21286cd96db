import { medianOf } from "../../eval/results/figures.ts";
import {
  type Latency,
  type LatencyRatio,
  type LoadPoint,
  MODES,
  type StartTimes,
} from "../../eval/results/latency_schema.ts";
import { formatMs } from "../format.ts";
import type { Leaderboard } from "../leaderboard.ts";
import { formatPercentiles } from "../percentiles.ts";
import { columnsOf, type Content, figure, type Row, type Table, words } from "../table.ts";
import { distributionChart, loadChart } from "./latency_charts.ts";
import type { Section } from "./section.ts";

type Estimate = LatencyRatio["ratio"];

/** A system's times. */
export interface Timed {
  readonly system: string;
  readonly series: number;
  readonly latency: Latency;
}

/** Times of each system: one query at a time, from the start of a process, and under load; and how systems compare. */
export function latencySection(board: Leaderboard): Section | null {
  const timed = board.cells.flatMap(({ system, latency }, series): Timed[] => {
    return latency ? [{ system, series, latency }] : [];
  });
  if (timed.length === 0) return null;
  return {
    title: "Latency",
    charts: [...distributionChart(board), ...loadChart(timed, board)],
    tables: [singleStream(timed), ...starts(timed), ...load(timed), ...ratioTable(board.ratios)],
  };
}

function singleStream(timed: readonly Timed[]): Table {
  const rows = timed.flatMap(({ system, series, latency }) =>
    MODES.map((mode): Row => ({
      series,
      cells: [
        system,
        mode === "search" ? "search alone" : "with encoding",
        figure(latency[mode].mean_ms, formatMs),
        latency[mode].median_ms
          ? { text: formatEstimate(latency[mode].median_ms, formatMs), value: latency[mode].median_ms.value }
          : figure(medianOf(latency[mode]), formatMs),
        formatPercentiles(latency[mode]),
        `${latency.queries} (${latency.requests} times, ${latency.rounds} ${
          latency.rounds === 1 ? "round" : "rounds"
        })`,
        `${latency.warmup_searches} searches${formatSettled(latency)}`,
        latency.stopped,
      ],
    }))
  );
  return {
    caption: "Single stream: one query at a time. Percentiles with their bounds from above (99 % confidence).",
    columns: columnsOf(
      words("system"),
      words("what"),
      "mean ms",
      "median, 99 % interval",
      words("percentiles"),
      words("queries"),
      words("warm-up"),
      words("ended by"),
    ),
    rows,
  };
}

function formatSettled({ warmup_settled, warmup_queries }: Latency): string {
  const settled = warmup_settled === null ? "" : warmup_settled ? ", steady" : ", not steady yet";
  return `${settled}${warmup_queries === "others" ? ", other queries" : ""}`;
}

function formatEstimate({ value, low, high }: Estimate, format: (value: number) => string): string {
  return `${format(value)} (${format(low)} … ${format(high)})`;
}

function starts(timed: readonly Timed[]): Table[] {
  const rows = timed.flatMap(({ system, series, latency: { cold, warm } }) =>
    [["cold", cold] as const, ["warm", warm] as const].flatMap(([name, start]): Row[] =>
      start ? [{ series, cells: [system, startName(name, start), ...startFigures(start)] }] : []
    )
  );
  if (rows.length === 0) return [];
  return [{
    caption: "A process of its own, from its start, ms.",
    columns: columnsOf(
      words("system"),
      words("start, files in the page cache"),
      "load encoder",
      "open index",
      "first query",
    ),
    rows,
  }];
}

function startName(name: string, { cached_share }: StartTimes): string {
  const share = cached_share === null ? "share not known" : `${(100 * cached_share).toFixed(0)} %`;
  return `${name}, ${share}`;
}

function startFigures({ encoder_ms, open_ms, first_query_ms }: StartTimes): Content[] {
  return [encoder_ms, open_ms, first_query_ms].map((ms) => figure(ms, formatMs));
}

function load(timed: readonly Timed[]): Table[] {
  const rows = timed.flatMap(({ system, series, latency }) =>
    latency.load.map((point): Row => ({
      series,
      cells: [
        system,
        formatScenario(point),
        point.with_encoding ? "with encoding" : "search alone",
        figure(point.throughput_qps, (qps) => qps.toPrecision(4)),
        point.response ? formatPercentiles(point.response) : "–",
        `${point.requests}${point.dropped ? `, ${point.dropped} not sent` : ""}`,
        point.joules_per_query === null
          ? "not available"
          : figure(point.joules_per_query, (joules) => joules.toPrecision(3)),
      ],
    }))
  );
  if (rows.length === 0) return [];
  return [{
    caption: "Under load. Server: requests come at random at the given rate; times count from their scheduled arrival.",
    columns: columnsOf(
      words("system"),
      words("scenario"),
      words("what"),
      "queries/s",
      words("response"),
      words("requests"),
      "J/query",
    ),
    rows,
  }];
}

function formatScenario({ scenario, concurrency, offered_qps, realised_qps }: LoadPoint): string {
  if (scenario === "multi-stream") return `${concurrency} client${concurrency === 1 ? "" : "s"}`;
  const drawn = realised_qps ? ` (${realised_qps.toPrecision(3)} came)` : "";
  return scenario === "server" ? `server, ${offered_qps!.toPrecision(3)} arrivals/s${drawn}` : "offline";
}

function ratioTable(ratios: readonly LatencyRatio[]): Table[] {
  if (ratios.length === 0) return [];
  const rows = ratios.map(({ system, other, mode, ratio, differs }): Row => ({
    cells: [
      `${system} : ${other}`,
      mode === "search" ? "search alone" : "with encoding",
      { text: formatEstimate(ratio, (value) => value.toPrecision(3)), value: ratio.value },
      differs ? "yes" : "not shown",
    ],
  }));
  return [{
    caption: `Ratios of median times on the same queries, paired bootstrap over ${
      ratios[0].rounds
    } rounds, 99 % intervals.`,
    columns: columnsOf(words("systems"), words("what"), "ratio", words("differ")),
    rows,
  }];
}
