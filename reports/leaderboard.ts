import { noteCandidateRecall } from "./candidate_recall.ts";
import { diskBytesOf, flopsOf, integerOpsOf, latencyOf, searchMsOf } from "../eval/results/figures.ts";
import type { Cell, Results } from "../eval/results/schema.ts";
import { formatPercentiles } from "./percentiles.ts";
import { tiesDecide } from "./ties.ts";
import { formatBytes, formatFlops, formatMs, formatScore } from "./format.ts";

/** One column of a leaderboard. */
export interface Column {
  readonly title: string;
  /** What the figure means, in one line. */
  readonly note: string;
  /** Which values are the better ones. */
  readonly better: "higher" | "lower";
  /** The measure, where ties can change the figure. */
  readonly measure?: string;
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
}

/** The leaderboards of a results file, one for each topic set, in the file's order. */
export function makeLeaderboards(results: Results): Leaderboard[] {
  const groups = Map.groupBy(results.cells, ({ dataset, topics }) => JSON.stringify([dataset, topics]));
  return [...groups.values()].map((cells) => ({
    dataset: cells[0].dataset,
    topics: cells[0].topics,
    columns: columnsOf(cells[0]),
    cells,
    notes: notesOf(cells, results),
  }));
}

/** The best value of a column; null where fewer than two cells have one. */
export function bestValue(column: Column, cells: readonly Cell[]): number | null {
  const values = cells.map(column.value).filter((value) => value !== null);
  if (values.length < 2) return null;
  return column.better === "higher" ? Math.max(...values) : Math.min(...values);
}

/** The measure that charts and per-query views show: the first official one; null where there are no judgements. */
export function mainMeasure(columns: readonly Column[]): string | null {
  return columns.find(({ measure }) => measure !== undefined)?.title ?? null;
}

/** Whether the mark for ties belongs to a figure: another order of passages with equal scores could change its place. */
export function isTied({ measure }: Column, cell: Cell, cells: readonly Cell[]): boolean {
  return measure !== undefined && tiesDecide(cell, measure, cells);
}

function columnsOf(cell: Cell): Column[] {
  const official = new Set(cell.official_measures);
  const names = [...official, ...Object.keys(cell.mean).filter((name) => !official.has(name))];
  const measures = names.map((name): Column => ({
    title: name,
    measure: name,
    note: `mean of ${name}${official.has(name) ? ", an official measure of this topic set" : ""}`,
    better: "higher",
    value: (cell) => cell.mean[name] ?? null,
    format: formatScore,
  }));
  return [
    ...measures,
    {
      title: "ms/query",
      note: "mean time of a query, its encoding included, one query at a time",
      better: "lower",
      value: latencyOf,
      format: formatMs,
    },
    {
      title: "search ms",
      note: "mean time of the search alone",
      better: "lower",
      value: searchMsOf,
      format: formatMs,
    },
    {
      title: "FLOPs/query",
      note: "2 × multiply–accumulates of executed shapes, encoding included",
      better: "lower",
      counts: "operations",
      value: flopsOf,
      format: formatFlops,
    },
    {
      title: "int OPs/query",
      note: "the same of operations on integers, which cost less",
      better: "lower",
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

function notesOf(cells: readonly Cell[], { environment, datasets }: Results): string[] {
  const [cell] = cells;
  const timed = cells.find(({ latency }) => latency !== null)?.latency;
  const kernels = new Set(cells.flatMap(({ kernel }) => kernel ?? []));
  const missing = cells.filter(({ missing_queries }) => missing_queries.length > 0);
  const notes = [
    cell.judged_queries === 0
      ? `no public judgements: rankings only, ${cell.depth} passages a query`
      : `${cell.judged_queries} judged queries are the denominator of every mean; ${cell.depth} passages a query`,
    ...[...new Set(cells.map(({ tie_rule }) => tie_rule))].map((rule) => {
      const systems = cells.filter(({ tie_rule }) => tie_rule === rule).map(({ system }) => system);
      return `order: ${rule} (${systems.join(", ")})`;
    }),
    ...missing.map(({ system, missing_queries }) =>
      `${system}: ${missing_queries.length} queries not ranked, they count 0`
    ),
    ...cells.filter(({ widened_queries }) => widened_queries > 0).map(({ system, widened_queries, depth }) =>
      `${system}: probed more cells than it was set to for ${widened_queries} queries, to find ${depth} passages or all there are`
    ),
    ...cells.flatMap((cell) => noteCandidateRecall(cell) ?? []),
  ];
  if (cells.some((cell) => Object.keys(cell.mean).some((measure) => tiesDecide(cell, measure, cells)))) {
    notes.push("~: passages with equal scores, in another order, could move the value past another system's");
  }
  const sample = datasets.find(({ name }) => name === cell.dataset)?.sample;
  if (sample) {
    notes.unshift(
      `a sample: all ${sample.judged} judged passages and others, of ${sample.of} (seed ${sample.seed}); ` +
        "these figures compare with no number over the full collection",
    );
  }
  notes.push(
    ...cells.flatMap((cell) => noteOutside(cell) ?? []),
    ...cells.flatMap((cell) => notePercentiles(cell) ?? []),
  );
  if (timed) {
    const kernel = kernels.size > 0 ? `, ${[...kernels].join("/")} kernel` : "";
    notes.push(
      `times: ${environment.cpu}, ${environment.threads} threads${kernel}, warm, ${timed.queries} queries, ` +
        `${environment.busy ? "on a busy machine, " : ""}${
          timed.rounds === 1 ? "one pass" : `${timed.rounds} rounds, each system in a process of its own`
        }`,
    );
  }
  return notes;
}

/** Share of the search time that may be in no stage without being mentioned. */
const OUTSIDE = 0.02;

function noteOutside({ system, stages_ms: ms }: Cell): string | null {
  if (!ms || ms.outside <= OUTSIDE * ms.search) return null;
  return `${system}: ${(100 * ms.outside / ms.search).toFixed(1)} % of its search time is in no stage`;
}

/** Times in full, with what the sample does not support. */
function notePercentiles({ system, latency }: Cell): string | null {
  if (latency?.method !== "full") return null;
  return `${system}: encoding included ${formatPercentiles(latency.with_encoding)}; ended by ${latency.stopped}`;
}
