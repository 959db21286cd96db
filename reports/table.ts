/** A figure as it is printed, and the number that it stands for, in base units (ms, bytes, operations). */
export interface Figure {
  readonly text: string;
  readonly value: number;
}

/** What stands in a table: words, or a figure. */
export type Content = string | Figure;

/** A column: of figures, or (`text`) of words. */
export interface TableColumn {
  readonly title: string;
  readonly text?: true;
  /** What the figures mean, where the title does not say. */
  readonly note?: string;
}

/** One row. */
export interface Row {
  readonly cells: readonly Content[];
  /** Number of the system that the row is about: its colour in charts, and what switches it off. */
  readonly series?: number;
  /** Id of the query that the row is about. */
  readonly query?: string;
}

/** A table whose first column names its rows. */
export interface Table {
  readonly caption: string;
  readonly columns: readonly TableColumn[];
  readonly rows: readonly Row[];
}

/** A figure in the given form; a dash where there is none. */
export function figure(value: number | null | undefined, format: (value: number) => string): Content {
  return value === null || value === undefined ? "–" : { text: format(value), value };
}

/** What is printed for a cell. */
export function textOf(content: Content): string {
  return typeof content === "string" ? content : content.text;
}

/** Columns; a title alone is one of figures. */
export function columnsOf(...titles: readonly (string | TableColumn)[]): TableColumn[] {
  return titles.map((title) => typeof title === "string" ? { title } : title);
}

/** A column of words. */
export function words(title: string): TableColumn {
  return { title, text: true };
}
