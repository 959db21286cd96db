import type { Cell, DatasetRecord } from "../eval/results/schema.ts";
import { noteCandidateRecall } from "./candidate_recall.ts";
import { formatPercentiles } from "./percentiles.ts";
import { type Source, timesCompare } from "./sources.ts";
import { tiesDecide } from "./ties.ts";

/** The conditions under which the figures of a topic set hold, and what is odd about them. */
export function notesOf(
  cells: readonly Cell[],
  records: readonly DatasetRecord[],
  sources: readonly Source[],
): string[] {
  const [cell] = cells;
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
  if (records[0]?.topics.find(({ name }) => name === cell.topics)?.ignore_identical_ids) {
    notes.push("a passage whose id is the query's is left out of every ranking");
  }
  const sample = records[0]?.sample;
  if (sample) {
    notes.unshift(
      `a sample: all ${sample.judged} judged passages and others, of ${sample.of} (seed ${sample.seed}); ` +
        "these figures compare with no number over the full collection",
    );
  }
  notes.push(
    ...cells.flatMap((cell) => noteOutside(cell) ?? []),
    ...cells.flatMap((cell) => notePercentiles(cell) ?? []),
    ...sources.flatMap((source) => noteTimes(source, cell, sources.length) ?? []),
  );
  if (!timesCompare(sources)) {
    notes.push("†: times of different machines or threads, which do not compare");
  }
  return notes;
}

/** Where and how the times of a file were taken. */
function noteTimes({ name, results: { cells, environment } }: Source, of: Cell, sources: number): string | null {
  const own = cells.filter(({ dataset, topics }) => dataset === of.dataset && topics === of.topics);
  const timed = own.find(({ latency }) => latency !== null)?.latency;
  if (!timed) return null;
  const kernels = new Set(own.flatMap(({ kernel }) => kernel ?? []));
  const kernel = kernels.size > 0 ? `, ${[...kernels].join("/")} kernel` : "";
  const rounds = timed.rounds === 1 ? "one pass" : `${timed.rounds} rounds, each system in a process of its own`;
  return `times${
    sources > 1 ? ` of ${name}` : ""
  }: ${environment.cpu}, ${environment.threads} threads${kernel}, warm, ` +
    `${timed.queries} queries, ${environment.busy ? "on a busy machine, " : ""}${rounds}`;
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
