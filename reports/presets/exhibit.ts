import type { Chart } from "../charts/chart.ts";
import type { Figure } from "../table.ts";
import { citationOf, type Published } from "./published.ts";

/** Figures of a system that was measured here. */
export interface MeasuredRow {
  readonly system: string;
  /** On which data, on which machine. */
  readonly where: string;
  /** By column; a column that it lacks was not measured. */
  readonly values: Readonly<Record<string, number | null>>;
}

/** One column that published and measured figures share, or that one of both has. */
export interface ExhibitColumn {
  readonly title: string;
  format(value: number): string;
}

/** A table or figure of a paper: what it prints, and beside it what was measured here, never mixed. */
export interface Exhibit {
  readonly name: string;
  readonly title: string;
  readonly published: Published | null;
  readonly columns: readonly ExhibitColumn[];
  readonly measured: readonly MeasuredRow[];
  readonly charts: readonly Chart[];
  /** What the reader has to know, and what is missing. */
  readonly notes: readonly string[];
}

/** A part of an exhibit's table. */
export interface ExhibitGroup {
  /** Whose figures these are. */
  readonly heading: string;
  readonly published: boolean;
  readonly rows: readonly {
    readonly name: string;
    /** The paper, or data and machine. */
    readonly source: string;
    readonly cells: readonly (Figure | null)[];
  }[];
}

/** The rows of an exhibit: the paper's, then those measured here; a group without rows is left out. */
export function groupsOf({ published, columns, measured }: Exhibit): ExhibitGroup[] {
  const cell = ({ format }: ExhibitColumn, value: number | null | undefined) => {
    return value === null || value === undefined ? null : { text: format(value), value };
  };
  const groups: ExhibitGroup[] = [];
  if (published) {
    groups.push({
      heading: citationOf(published),
      published: true,
      rows: published.rows.map(({ method, values }) => ({
        name: method,
        source: published.source,
        cells: columns.map((column) => cell(column, values[published.columns.indexOf(column.title)])),
      })),
    });
  }
  groups.push({
    heading: "Measured by latebench, on the data and the machine that each row names.",
    published: false,
    rows: measured.map(({ system, where, values }) => ({
      name: system,
      source: where,
      cells: columns.map((column) => cell(column, values[column.title])),
    })),
  });
  return groups.filter(({ rows }) => rows.length > 0);
}
