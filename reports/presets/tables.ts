import type { Entry } from "../leaderboard.ts";
import type { Source } from "../sources.ts";
import { entriesOf, exhibitColumns, measuredRow } from "./columns.ts";
import type { Exhibit } from "./exhibit.ts";
import { PUBLISHED } from "./published.ts";

/** What makes a measured cell belong to a table, and the columns that only measured rows have. */
interface TablePreset {
  readonly measured: (entry: Entry) => boolean;
  readonly own?: readonly string[];
  readonly notes: readonly string[];
}

const SUBSET = "Measured figures compare with published ones only on the same collection, queries and judgements.";

const TABLES: Readonly<Record<string, TablePreset>> = {
  "sigir20-table1": {
    measured: ({ cell }) => cell.backend === null || cell.backend === "rerank" || cell.backend === "bm25",
    notes: [SUBSET, "Measured: ms with the first stage and with encoding; operations on floats and integers together."],
  },
  "sigir20-table2": { measured: () => true, notes: [SUBSET, "Measured: ms with encoding."] },
  "sigir20-table3": {
    measured: ({ cell, source }) => {
      const dataset = source.results.datasets.find(({ name }) => name === cell.dataset);
      return /\bcar\b/i.test(`${cell.dataset} ${dataset?.title}`.replaceAll("_", " "));
    },
    notes: [SUBSET],
  },
  "sigir20-table4": {
    measured: ({ cell }) => cell.footprint?.bytes_per_token != null,
    own: ["index, GiB", "GiB at 8.8 M"],
    notes: [
      SUBSET,
      "Measured: bytes of the whole index; at 8.8 M projected to MS MARCO's 8,841,823 passages.",
      "48 dimensions of 2 bytes take 54 GiB; the paper prints 4 bytes in that row.",
    ],
  },
  "plaid-table": {
    measured: ({ cell }) => cell.backend !== null && cell.backend !== "rerank",
    own: ["search ms"],
    notes: [SUBSET, "Measured: search ms without encoding, on the threads that the row names."],
  },
};

/** The tables of papers, by name. */
export const TABLE_PRESETS: Readonly<Record<string, (sources: readonly Source[]) => Exhibit>> = Object.fromEntries(
  Object.keys(TABLES).map((name) => [name, (sources: readonly Source[]) => tableExhibit(name, sources)]),
);

function tableExhibit(name: string, sources: readonly Source[]): Exhibit {
  const { measured, own = [], notes } = TABLES[name];
  const published = PUBLISHED[name];
  const titles = [...published.columns, ...own];
  const rows = entriesOf(sources).filter(measured).map((entry) => measuredRow(entry, titles));
  return {
    name,
    title: published.title,
    published,
    columns: exhibitColumns(titles),
    measured: rows,
    charts: [],
    notes: rows.length > 0 ? notes : [...notes, "These results hold no figure of this table."],
  };
}
