import { operationsOf } from "../../eval/results/figures.ts";
import { type AxisOptions, linearAxis, logAxis } from "../charts/axis.ts";
import { barChart } from "../charts/bars.ts";
import type { Chart } from "../charts/chart.ts";
import { type Curve, curveChart } from "../charts/curves.ts";
import { scatterChart, type ScatterPoint } from "../charts/scatter.ts";
import { formatCount, formatFlops, formatMs, formatScore } from "../format.ts";
import { intervalOf } from "../intervals.ts";
import type { Entry } from "../leaderboard.ts";
import { machineOf, type Source } from "../sources.ts";
import { entriesOf, exhibitColumns, measuredRow, whereOf } from "./columns.ts";
import type { Exhibit, MeasuredRow } from "./exhibit.ts";
import { citationOf, PUBLISHED, type Published } from "./published.ts";

const MEASURE = "RR@10";
const AXIS = { name: MEASURE, format: formatScore, bounds: [0, 1] as const };

/** The figures of SIGIR 2020, by name. */
export const FIGURE_PRESETS: Readonly<Record<string, (sources: readonly Source[]) => Exhibit>> = {
  "sigir20-figure1": figure1,
  "sigir20-figure4": figure4,
  "sigir20-figure5": figure5,
  "sigir20-figure6": figure6,
};

/** Quality against latency: a chart of what the paper prints, and one for each topic set that was measured. */
function figure1(sources: readonly Source[]): Exhibit {
  const published = PUBLISHED["sigir20-figure1"];
  const entries = withMeasure(sources).filter(({ cell }) => cell.latency !== null);
  const x = { name: "ms", format: formatMs };
  const charts = [...byTopics(entries)].flatMap(([where, own]): Chart[] => {
    const points = own.map(({ cell }, series): ScatterPoint => ({
      label: cell.system,
      series,
      x: cell.latency!.with_encoding.mean_ms,
      y: cell.mean[MEASURE],
      interval: cell.queries.length < 2 ? undefined : intervalOf(cell, MEASURE),
    })).filter(({ x }) => x > 0);
    if (points.length < 2) return [];
    const caption = `Measured: ${where}. ms of a query, encoding and first stage included.`;
    return [scatterChart({ title: `Measured: ${where}`, caption, x, y: AXIS, points })];
  });
  return {
    ...exhibitOf("sigir20-figure1", entries.map((entry) => measuredRow(entry, published.columns))),
    charts: [publishedChart(published, "ms", x), ...charts],
  };
}

/** Operations against quality by re-ranking depth: a curve for each set of re-rankers that differ in their depth alone. */
function figure4(sources: readonly Source[]): Exhibit {
  const published = PUBLISHED["sigir20-figure4"];
  const entries = withMeasure(sources).filter(({ cell }) => {
    return cell.backend === "rerank" && typeof cell.options.depth === "number" && operationsOf(cell) !== null;
  });
  const charts = [...byTopics(entries)].flatMap(([where, own]): Chart[] => {
    const groups = Map.groupBy(own, ({ cell, source }) => `${withoutDepth(cell.system)} ${source.name}`);
    const curves = [...groups.values()].map((group, series): Curve => ({
      label: `${withoutDepth(group[0].cell.system)}${group[0].source.name === "" ? "" : ` [${group[0].source.name}]`}`,
      series,
      points: group.map(({ cell }) => ({
        x: operationsOf(cell)!,
        y: cell.mean[MEASURE],
        interval: intervalOf(cell, MEASURE),
        note: `k = ${cell.options.depth}`,
      })).sort((a, b) => a.x - b.x),
    }));
    const points = curves.flatMap(({ points }) => points);
    return [curveChart({
      title: `Measured: ${where}`,
      caption:
        `Measured: ${where}. ${MEASURE} with 95 % t-intervals against the operations of a query (floats and integers, encoding and first stage included), by re-ranking depth k.`,
      x: logAxis(points.map(({ x }) => x), { name: "operations/query", format: formatFlops, hint: "← better" }),
      y: linearAxis(points.flatMap(({ y, interval }) => [y, ...interval ?? []]), { ...AXIS, hint: "better →" }, {
        bounds: AXIS.bounds,
      }),
      curves,
    })];
  });
  const x = { name: "operations/query", format: formatFlops };
  return {
    ...exhibitOf("sigir20-figure4", entries.map((entry) => measuredRow(entry, published.columns))),
    charts: [publishedChart(published, "operations", x), ...charts],
  };
}

/** Ablations: bars from 0 with intervals, one for each system of each file. */
function figure5(sources: readonly Source[]): Exhibit {
  const entries = withMeasure(sources);
  const label = ({ cell, source: { name } }: Entry) => name === "" ? cell.system : `${name}: ${cell.system}`;
  const charts = [...byTopics(entries)].map(([where, own]) =>
    barChart({
      title: `Measured: ${where}`,
      caption: `Measured: ${where}. ${MEASURE} with 95 % t-intervals.`,
      label: MEASURE,
      format: formatScore,
      bars: own.map((entry, series) => ({
        label: label(entry),
        series,
        parts: { [MEASURE]: entry.cell.mean[MEASURE] },
        interval: entry.cell.queries.length < 2 ? undefined : intervalOf(entry.cell, MEASURE),
      })),
    })
  );
  return {
    ...exhibitOf("sigir20-figure5", entries.map((entry) => measuredRow(entry, [MEASURE], label(entry)))),
    charts,
  };
}

/** Indexing throughput, optimisation by optimisation. */
function figure6(sources: readonly Source[]): Exhibit {
  const rows = stepsOf(sources).map(({ name, where, passages_per_minute }): MeasuredRow => {
    return { system: name, where, values: { "passages/min": passages_per_minute } };
  });
  return { ...exhibitOf("sigir20-figure6", rows), charts: indexingCharts(sources) };
}

/** A chart for each run of `bench indexing`. */
export function indexingCharts(sources: readonly Source[]): Chart[] {
  return [...Map.groupBy(stepsOf(sources), ({ where }) => where)].map(([where, own]) =>
    barChart({
      title: `Measured: ${where}`,
      caption: `Measured: ${where}. Each bar has all that those above it have, and one thing more.`,
      label: "passages/min",
      format: (rate) => formatCount(Math.round(rate)),
      bars: own.map(({ name, passages_per_minute }) => ({ label: name, parts: { rate: passages_per_minute } })),
    })
  );
}

/** The bars of all files, each with data and machine. */
function stepsOf(sources: readonly Source[]) {
  return sources.flatMap(({ name, results }) =>
    results.indexing.map((step) => ({
      ...step,
      where: `${name === "" ? "" : `${name}: `}${step.dataset}, ${
        formatCount(step.passages)
      } passages, median of ${step.rounds} rounds; ${machineOf(results.environment)}`,
    }))
  );
}

function exhibitOf(name: string, measured: readonly MeasuredRow[]): Omit<Exhibit, "charts"> {
  const published = PUBLISHED[name];
  const columns = exhibitColumns(published.columns);
  const none = measured.length === 0 ? ["These results hold nothing of this figure."] : [];
  return { name, title: published.title, published, columns, measured, notes: none };
}

function withMeasure(sources: readonly Source[]): Entry[] {
  return entriesOf(sources).filter(({ cell }) => cell.mean[MEASURE] !== undefined && cell.backend !== null);
}

/** Cells by data and machine. */
function byTopics(entries: readonly Entry[]): Map<string, Entry[]> {
  return Map.groupBy(entries, (entry) => {
    const { cell, source } = entry;
    return whereOf({ cell: { ...cell, kernel: null }, source: { ...source, name: "" } });
  });
}

/** What a paper prints, against one of its costs. */
function publishedChart(published: Published, cost: string, axis: AxisOptions): Chart {
  const { rows, columns } = published;
  const [x, y] = [columns.indexOf(cost), columns.indexOf(MEASURE)];
  const points = rows.flatMap(({ method, values }, series): ScatterPoint[] => {
    const [cost, quality] = [values[x], values[y]];
    return cost === null || quality === null ? [] : [{ label: method, series, x: cost, y: quality }];
  });
  return scatterChart({ title: "Published", caption: citationOf(published), x: axis, y: AXIS, points });
}

function withoutDepth(system: string): string {
  return system.replace(/(?<=[:,])depth=\d+,?/, "").replace(/[:,]$/, "");
}
