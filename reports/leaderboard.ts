import { diskBytesOf, flopsOf, integerOpsOf, latencyOf, operationsOf, searchMsOf } from "../eval/results/figures.ts";
import type { LatencyRatio } from "../eval/results/latency_schema.ts";
import type { Cell, Explanation } from "../eval/results/schema.ts";
import { type Source, timesCompare } from "./sources.ts";
import { notesOf } from "./notes.ts";
import { tiesDecide } from "./ties.ts";
import { formatBytes, formatFlops, formatMs, formatScore } from "./format.ts";
import { own } from "../support/own.ts";

/** One column of a leaderboard. */
export interface Column {
  readonly title: string;
  /** What the figure means, in one line. */
  readonly note: string;
  /** Which values are the better ones; null where they do not compare. */
  readonly better: "higher" | "lower" | null;
  /** The measure, where ties can change the figure. */
  readonly measure?: string;
  /** What decides which figure is the best one, where that is not the figure alone. */
  readonly rank?: (cell: Cell) => number | null;
  /** What large figures of the column count. */
  readonly counts?: "bytes" | "operations";
  value(cell: Cell): number | null;
  format(value: number): string;
}

/** The systems of one topic set, with the columns that say something about them. */
export interface Leaderboard {
  readonly dataset: string;
  readonly topics: string;
  readonly columns: readonly Column[];
  readonly cells: readonly Cell[];
  /** The conditions under which the figures hold, for the table's foot. */
  readonly notes: readonly string[];
  /** Texts of queries and of passages, by id. */
  readonly queryTexts: ReadonlyMap<string, string>;
  readonly passageTexts: ReadonlyMap<string, string>;
  readonly explanations: readonly Explanation[];
  readonly ratios: readonly LatencyRatio[];
  /** The file that each cell is of. */
  readonly origins: readonly Source[];
}

/** A cell, and the file that it is of. */
export interface Entry {
  readonly cell: Cell;
  readonly source: Source;
}

/**
 * The leaderboards of results files, one for each topic set, in the files' order. Cells of several files stand in one where they have
 * the same passages and judgements; their systems then carry the file's name.
 */
export function makeLeaderboards(sources: readonly Source[]): Leaderboard[] {
  const entries = sources.flatMap((source) => source.results.cells.map((cell): Entry => ({ cell, source })));
  return [...Map.groupBy(entries, topicsKey).values()].map(makeLeaderboard);
}

/** Cells of the same key have the same passages, queries and judgements. */
export function topicsKey({ cell, source: { results } }: Entry): string {
  const dataset = results.datasets.find(({ name }) => name === cell.dataset);
  const topics = dataset?.topics.find(({ name }) => name === cell.topics);
  return JSON.stringify([cell.dataset, cell.topics, dataset?.collection_hash, dataset?.sample, topics?.qrels_hash]);
}

function makeLeaderboard(entries: readonly Entry[]): Leaderboard {
  const [{ cell: { dataset, topics } }] = entries;
  const sources = [...new Set(entries.map(({ source }) => source))];
  const named = (system: string, { name }: Source) => sources.length === 1 ? system : `${system} [${name}]`;
  const cells = entries.map(({ cell, source }) => ({ ...cell, system: named(cell.system, source) }));
  const records = sources.flatMap(({ results }) => results.datasets.filter(({ name }) => name === dataset));
  const sets = records.flatMap((record) => record.topics.filter(({ name }) => name === topics));
  return {
    dataset,
    topics,
    columns: columnsOf(cells[0], timesCompare(sources)),
    cells,
    origins: entries.map(({ source }) => source),
    notes: notesOf(cells, records, sources),
    queryTexts: new Map(sets.flatMap(({ query_texts }) => Object.entries(query_texts))),
    passageTexts: new Map(records.flatMap(({ passage_texts }) => Object.entries(passage_texts))),
    explanations: sources.length === 1 ? sets[0]?.explanations ?? [] : [],
    ratios: sources.flatMap((source) =>
      source.results.latency_ratios.filter((ratio) => ratio.dataset === dataset && ratio.topics === topics)
        .map((ratio) => ({ ...ratio, system: named(ratio.system, source), other: named(ratio.other, source) }))
    ),
  };
}

/** For each cell its place in a column, from 1, equal values sharing one; null where values do not compare, or there is only one. */
export function placesIn({ better, value, rank = value }: Column, cells: readonly Cell[]): (number | null)[] {
  const values = cells.map(rank);
  const known = values.filter((value) => value !== null);
  if (known.length < 2 || better === null) return cells.map(() => null);
  const sorted = [...new Set(known)].sort((a, b) => better === "higher" ? b - a : a - b);
  return values.map((value) => value === null ? null : sorted.indexOf(value) + 1);
}

/** The measure that charts and per-query views show: the first official one; null where there are no judgements. */
export function mainMeasure(columns: readonly Column[]): string | null {
  return columns.find(({ measure }) => measure !== undefined)?.title ?? null;
}

/** What a system is called in superscripts: a … z, aa, ab …; no two the same. */
export function letterOf(system: number): string {
  const last = String.fromCharCode("a".charCodeAt(0) + system % 26);
  return system < 26 ? last : letterOf(Math.floor(system / 26) - 1) + last;
}

/** Several systems in one superscript, in the table's order; with commas where a table has names of two letters. */
export function lettersOf(systems: readonly number[], tableSize: number): string {
  return [...systems].sort((a, b) => a - b).map(letterOf).join(tableSize > 26 ? "," : "");
}

/** Whether the mark for ties belongs to a figure: another order of passages with equal scores could change its place. */
export function isTied({ measure }: Column, cell: Cell, cells: readonly Cell[]): boolean {
  return measure !== undefined && tiesDecide(cell, measure, cells);
}

/** @param comparable whether all times were taken on one machine */
function columnsOf(cell: Cell, comparable: boolean): Column[] {
  const official = new Set(cell.official_measures);
  const names = [...official, ...Object.keys(cell.mean).filter((name) => !official.has(name))];
  const measures = names.map((name): Column => ({
    title: name,
    measure: name,
    note: `mean of ${name}${official.has(name) ? ", an official measure of this topic set" : ""}`,
    better: "higher",
    value: (cell) => own(cell.mean, name) ?? null,
    format: formatScore,
  }));
  return [
    ...measures,
    {
      title: comparable ? "ms/query" : "ms/query †",
      note: "mean time of a query, its encoding included, one query at a time",
      better: comparable ? "lower" : null,
      value: latencyOf,
      format: formatMs,
    },
    {
      title: comparable ? "search ms" : "search ms †",
      note: "mean time of the search alone",
      better: comparable ? "lower" : null,
      value: searchMsOf,
      format: formatMs,
    },
    {
      title: "FLOPs/query",
      note: "2 × multiply–accumulates of executed shapes, encoding included; best by the sum with those on integers",
      better: "lower",
      rank: operationsOf,
      counts: "operations",
      value: flopsOf,
      format: formatFlops,
    },
    {
      title: "int OPs/query",
      note: "the same of operations on integers, which cost less",
      better: null,
      counts: "operations",
      value: integerOpsOf,
      format: formatFlops,
    },
    {
      title: "index",
      note: "bytes of the index on disk",
      better: "lower",
      counts: "bytes",
      value: diskBytesOf,
      format: formatBytes,
    },
  ];
}
