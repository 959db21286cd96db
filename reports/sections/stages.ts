import type { Cell } from "../../eval/results/schema.ts";
import { formatCandidateRecall } from "../candidate_recall.ts";
import { barChart } from "../charts/bars.ts";
import { formatBytes, formatCount, formatFlops, formatMs, formatShare } from "../format.ts";
import type { Leaderboard } from "../leaderboard.ts";
import { columnsOf, figure, type Row, type Table, words } from "../table.ts";
import type { Section } from "./section.ts";

/** A cell with stages, and its system's number. */
interface Traced {
  readonly cell: Cell;
  readonly series: number;
}

/** Where the time and the work of each system go, and which stage loses relevant passages. */
export function stageSection({ cells, dataset, topics }: Leaderboard): Section | null {
  const traced = cells.map((cell, series): Traced => ({ cell, series }))
    .filter(({ cell }) => cell.backend !== null && cell.stages.length > 0);
  if (traced.length === 0) return null;
  const timed = traced.filter(({ cell }) => cell.stages_ms !== null);
  const survivals = traced.flatMap(({ cell: { system, survival, relevant }, series }) =>
    (relevant ? survival ?? [] : []).map(({ stage, kept }) => {
      return { label: `${system}: ${stage}`, series, parts: { left: kept / relevant! } };
    })
  );
  return {
    title: "Stages",
    charts: [
      ...timed.length === 0 ? [] : [barChart({
        title: `Time by stage, ${dataset} / ${topics}`,
        caption:
          "Mean time of a search by stage, ms, encoding excluded; of a pass with tracing, apart from the timed ones.",
        label: "ms",
        format: formatMs,
        bars: timed.map(({ cell, series }) => ({ label: cell.system, series, parts: timesOf(cell) })),
      })],
      ...survivals.length === 0 ? [] : [barChart({
        title: `Relevant passages left after each stage, ${dataset} / ${topics}`,
        caption: "Share of all judged relevant passages (grade 1 or more) that a stage left.",
        label: "share",
        format: formatShare,
        bars: survivals,
      })],
    ],
    tables: [stageTable(traced)],
  };
}

function timesOf({ stages, stages_ms }: Cell): Record<string, number> {
  const times = new Map<string, number>();
  for (const { name, mean_ms } of stages) times.set(name, (times.get(name) ?? 0) + mean_ms);
  return Object.fromEntries([...times, ["in no stage", Math.max(stages_ms!.outside, 0)]]);
}

function stageTable(traced: readonly Traced[]): Table {
  const rows = traced.flatMap(({ cell, series }): Row[] => [
    ...cell.stages.map((stage): Row => ({
      series,
      cells: [
        cell.system,
        stage.name,
        figure(stage.mean_ms, formatMs),
        figure(2 * stage.mean_macs, formatFlops),
        figure(2 * stage.mean_integer_macs, formatFlops),
        figure(stage.mean_bytes, (bytes) => formatBytes(Math.round(bytes))),
        figure(stage.mean_candidates, (passages) => formatCount(Math.round(passages))),
        survivors(cell, stage.name),
        formatCandidateRecall(cell, stage.name) ?? "–",
      ],
    })),
    ...cell.stages_ms ? [outsideRow(cell.system, series, cell.stages_ms)] : [],
  ]);
  return {
    caption: "Means of a pass with tracing, apart from the timed ones.",
    columns: columnsOf(
      words("system"),
      words("stage"),
      "mean ms",
      "FLOPs",
      "on integers",
      "bytes read",
      "passages left",
      "relevant ones left",
      "of exhaustive's top 10 / 100 / 1000 left",
    ),
    rows,
  };
}

/** The time of searches that belongs to no stage: handing results over, for the most part. */
function outsideRow(
  system: string,
  series: number,
  { search, outside }: { readonly search: number; readonly outside: number },
): Row {
  const share = `in no stage (${formatShare(outside / Math.max(search, 1e-9))})`;
  return { series, cells: [system, share, figure(outside, formatMs), "–", "–", "–", "–", "–", "–"] };
}

/** Judged relevant passages that a stage left, of all. */
function survivors({ survival, relevant }: Cell, stage: string): string {
  const left = survival?.find((known) => known.stage === stage);
  return left ? `${left.kept} of ${relevant}` : "–";
}
