import type { Chart } from "../charts/chart.ts";
import type { Table } from "../table.ts";

/** A part of a report about one side of the systems of a topic set. */
export interface Section {
  readonly title: string;
  readonly charts: readonly Chart[];
  readonly tables: readonly Table[];
}
