import type { Markup } from "../html/markup.ts";
import type { Table } from "../table.ts";

/** A drawing, and the figures that it shows as a table. */
export interface Chart {
  readonly title: string;
  /** What it shows, and under which conditions. */
  readonly caption: string;
  readonly svg: Markup;
  readonly table: Table;
}
