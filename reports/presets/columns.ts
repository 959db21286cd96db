import { latencyOf, operationsOf, searchMsOf } from "../../eval/results/figures.ts";
import { officialLevel } from "../../eval/metrics/level.ts";
import { formatMeasure, parseMeasure } from "../../eval/metrics/measure.ts";
import type { Cell } from "../../eval/results/schema.ts";
import { formatCount, formatFlops, formatMs } from "../format.ts";
import type { Entry } from "../leaderboard.ts";
import { encoderOf, machineOf, type Source } from "../sources.ts";
import type { ExhibitColumn, MeasuredRow } from "./exhibit.ts";
import { own } from "../../support/own.ts";

/** Passages of MS MARCO, to which footprints are projected. */
const MSMARCO = 8_841_823;

/** How to get a column's figure from a cell; measures need no entry. */
const VALUES: Readonly<Record<string, (entry: Entry) => number | null>> = {
  ms: ({ cell }) => latencyOf(cell),
  "search ms": ({ cell }) => searchMsOf(cell),
  operations: ({ cell }) => operationsOf(cell),
  dim: ({ cell, source }) => dimOf(cell, source),
  "bytes/dim": ({ cell, source }) => {
    const [bytes, dim] = [cell.footprint?.bytes_per_token ?? null, dimOf(cell, source)];
    return bytes === null || dim === null ? null : bytes / dim;
  },
  "index, GiB": ({ cell }) => cell.footprint && cell.footprint.disk_bytes / 2 ** 30,
  "GiB at 8.8 M": ({ cell }) => {
    const projected = cell.footprint?.projected.find(({ passages }) => passages === MSMARCO);
    return projected ? projected.bytes / 2 ** 30 : null;
  },
  depth: ({ cell }) => typeof cell.options.depth === "number" ? cell.options.depth : null,
  "R@100": ({ cell: { recall_curve } }) => recall_curve?.points.find(({ depth }) => depth === 100)?.mean ?? null,
};

function dimOf({ kernel }: Cell, { results }: Source): number | null {
  return kernel === null ? null : results.encoder?.config.dim ?? null;
}

/** All cells of all files, with measures under the names that papers give them: see {@link namedAsInPapers}. */
export function entriesOf(sources: readonly Source[]): Entry[] {
  return sources.flatMap((source) => source.results.cells.map((cell) => ({ cell: namedAsInPapers(cell), source })));
}

/**
 * A cell whose measures at the topic set's official level of relevance have plain names: what TREC DL's `RR(rel=2)@10` is in results,
 * papers call RR@10. Measures at another level lose these names.
 */
function namedAsInPapers(cell: Cell): Cell {
  const level = officialLevel(cell.official_measures.map(parseMeasure));
  if (level === 1) return cell;
  const names = Object.keys(cell.mean).map(parseMeasure).flatMap((measure): [string, string][] => {
    const { rel, ...plain } = measure;
    return rel === level ? [[formatMeasure(plain), formatMeasure(measure)]] : [];
  });
  const renamed = <T>(values: Readonly<Record<string, T>>) => {
    const own = names.flatMap(([plain, name]) => Object.hasOwn(values, name) ? [[plain, values[name]] as const] : []);
    return { ...values, ...Object.fromEntries(own) };
  };
  return {
    ...cell,
    mean: renamed(cell.mean),
    ties: renamed(cell.ties),
    queries: cell.queries.map((query) => ({ ...query, measures: renamed(query.measures) })),
  };
}

/** Figures of a cell for an exhibit's columns, and where they were measured. */
export function measuredRow(entry: Entry, columns: readonly string[], system = entry.cell.system): MeasuredRow {
  const { cell } = entry;
  const value = (column: string) => own(VALUES, column)?.(entry) ?? own(cell.mean, column) ?? null;
  return { system, where: whereOf(entry), values: Object.fromEntries(columns.map((name) => [name, value(name)])) };
}

/** Data and machine of a cell. */
export function whereOf({ cell, source: { name, results } }: Entry): string {
  const dataset = results.datasets.find((known) => known.name === cell.dataset);
  const timed = cell.latency ? `; ${machineOf(results.environment)}` : "";
  const encoder = cell.kernel === null ? "" : `; encoder ${encoderOf({ name, results })}`;
  const file = name === "" ? "" : `${name}: `;
  const level = officialLevel(cell.official_measures.map(parseMeasure));
  const relevant = level === 1 ? "" : ` (relevant from grade ${level})`;
  return `${file}${cell.dataset} / ${cell.topics}, ${cell.judged_queries} queries${relevant}, ${
    formatCount(dataset?.passages ?? 0)
  } passages${encoder}${timed}`;
}

/** Columns by their titles, each with the form that its figures have. */
export function exhibitColumns(titles: readonly string[]): ExhibitColumn[] {
  return titles.map((title) => ({ title, format: formatOf(title) }));
}

function formatOf(title: string): (value: number) => string {
  if (title === "operations") return formatFlops;
  if (/^(dim|depth)$/.test(title)) return String;
  if (title === "passages/min") return (rate) => formatCount(Math.round(rate));
  if (/ms/.test(title)) return formatMs;
  if (/GiB|bytes/.test(title)) return (value) => value.toPrecision(3);
  return (value) => value.toFixed(3);
}
