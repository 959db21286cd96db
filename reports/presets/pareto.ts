import { makeLeaderboards } from "../leaderboard.ts";
import { tradeOffs } from "../sections/quality.ts";
import type { Source } from "../sources.ts";
import { entriesOf, exhibitColumns, measuredRow } from "./columns.ts";
import type { Exhibit } from "./exhibit.ts";

/** Quality against every cost, over all files: which systems no other beats. */
export function paretoExhibit(sources: readonly Source[]): Exhibit {
  const entries = entriesOf(sources).filter(({ cell }) => cell.backend !== null);
  const official = [...new Set(entries.flatMap(({ cell }) => cell.official_measures))];
  const titles = [...official, "ms", "operations", "index, GiB"];
  return {
    name: "pareto",
    title: "Quality against cost",
    published: null,
    columns: exhibitColumns(titles),
    measured: entries.map((entry) => measuredRow(entry, titles)),
    charts: makeLeaderboards(sources).flatMap(tradeOffs),
    notes: [],
  };
}
