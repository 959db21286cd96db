import { LEVEL, significantlyBetter } from "../../eval/comparison/significantly_better.ts";
import type { Source } from "../sources.ts";
import {
  type Column,
  isTied,
  type Leaderboard,
  letterOf,
  lettersOf,
  makeLeaderboards,
  placesIn,
} from "../leaderboard.ts";
import { formatScore } from "../format.ts";

/** One figure of a table. */
export interface ExportCell {
  readonly value: number | null;
  /** In the column's unit and with its decimals; a dash where there is none. */
  readonly text: string;
  readonly best: boolean;
  readonly second: boolean;
  /** Passages with equal scores, in another order, could move it past another system's. */
  readonly tied: boolean;
  /** Letters of the systems that this one is significantly better than. */
  readonly beats: string;
}

/** Words, or the key of the paper that a row is of. */
export type Lead = string | { readonly cite: string };

/** Whether words are a system's letter, which stands as it is; an empty cell is one too. */
export function isLetter(lead: string): boolean {
  return /^[a-z]?$/.test(lead);
}

/** One row: words first, then figures. */
export interface ExportRow {
  readonly lead: readonly Lead[];
  readonly cells: readonly ExportCell[];
}

/** A table as papers print it. */
export interface ExportTable {
  /** What a document refers to it by. */
  readonly name: string;
  readonly title: string;
  /** Titles of the columns of words. */
  readonly lead: readonly string[];
  /** Titles, with the unit that all figures of the column are in, where they have one. */
  readonly columns: readonly string[];
  readonly groups: readonly { readonly heading: string | null; readonly rows: readonly ExportRow[] }[];
  /** The conditions under which the figures hold. */
  readonly notes: readonly string[];
}

/** The leaderboards of results files as tables: official measures only, where there are such, and costs. */
export function exportTables(sources: readonly Source[]): ExportTable[] {
  return makeLeaderboards(sources).map(exportTable);
}

function exportTable({ dataset, topics, columns: all, cells, notes }: Leaderboard): ExportTable {
  const official = cells[0].official_measures;
  const columns = all.filter(({ measure }) =>
    measure === undefined || official.length === 0 || official.includes(measure)
  );
  const measures = columns.flatMap(({ measure }) => measure ?? []);
  const better = significantlyBetter(cells, measures);
  const shown = columns.filter((column) => cells.some((cell) => column.value(cell) !== null));
  const scales = shown.map((column) => scaleOf(column, cells.map(column.value)));
  const places = shown.map((column) => placesIn(column, cells));
  const rows = cells.map((cell, s): ExportRow => ({
    lead: [letterOf(s), cell.system],
    cells: shown.map((column, c): ExportCell => {
      const value = column.value(cell);
      const place = places[c][s];
      return {
        value,
        text: value === null ? "–" : scales[c].format(value),
        best: value !== null && place === 1,
        second: value !== null && place === 2,
        tied: value !== null && isTied(column, cell, cells),
        beats: column.measure === undefined ? "" : lettersOf(better.get(column.measure)![s], cells.length),
      };
    }),
  }));
  return {
    name: `${dataset}-${topics}`,
    title: `${dataset} / ${topics}, ${cells[0].judged_queries} queries`,
    lead: ["", "system"],
    columns: shown.map(({ title }, c) => scales[c].unit === "" ? title : `${title} [${scales[c].unit}]`),
    groups: [{ heading: null, rows }],
    notes: [
      ...notes,
      `superscripts: significantly better than those systems (paired t-tests, p < ${LEVEL}, Holm over all pairs and measures)`,
    ],
  };
}

interface Scale {
  readonly unit: string;
  format(value: number): string;
}

/** Units by what is counted, and how much they are, smallest first. */
const UNITS = {
  bytes: [["B", 1], ["KiB", 2 ** 10], ["MiB", 2 ** 20], ["GiB", 2 ** 30]],
  operations: [["", 1], ["k", 1e3], ["M", 1e6], ["G", 1e9], ["T", 1e12]],
} as const;

/** One unit for a whole column, so that its figures can be compared by eye: the largest one of which its median has several. */
function scaleOf({ counts, measure }: Column, values: readonly (number | null)[]): Scale {
  if (measure !== undefined) return { unit: "", format: formatScore };
  const known = values.filter((value) => value !== null).sort((a, b) => a - b);
  const middle = known[known.length >> 1] ?? 0;
  const units = counts ? UNITS[counts] : [["", 1]] as const;
  const [unit, size] = [...units].reverse().find(([, size]) => middle >= size) ?? units[0];
  return { unit, format: (value) => significant(value / size) };
}

/** Three significant digits without an exponent. */
function significant(value: number): string {
  if (value === 0) return "0";
  const decimals = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(decimals, 6));
}
