import { diskBytesOf, latencyOf } from "../../eval/results/figures.ts";
import type { Cell } from "../../eval/results/schema.ts";
import { describe, pairedTTest } from "../../eval/significance/t_test.ts";
import { barChart } from "../charts/bars.ts";
import { formatBytes, formatDifference, formatMs, formatScore } from "../format.ts";
import { intervalOf } from "../intervals.ts";
import { type Leaderboard, mainMeasure } from "../leaderboard.ts";
import { columnsOf, figure, type Row, words } from "../table.ts";
import type { Section } from "./section.ts";
import { own } from "../../support/own.ts";

/** Two systems that one option tells apart. */
interface Step {
  readonly from: Cell;
  readonly to: Cell;
  readonly series: number;
  readonly change: string;
}

/** What single options do: all pairs of systems of one backend that differ in one option. */
export function ablationSection({ cells, columns, dataset, topics }: Leaderboard): Section | null {
  const measure = mainMeasure(columns);
  const steps = singleSteps(cells);
  if (measure === null || steps.length === 0) return null;
  const involved = new Set(steps.flatMap(({ from, to }) => [from, to]));
  const rows = steps.map(({ from, to, series, change }): Row => {
    const sample = describe(to.queries.map(({ measures }, q) => {
      return (measures[measure] ?? 0) - (from.queries[q]?.measures[measure] ?? 0);
    }));
    return {
      series,
      cells: [
        to.system,
        change,
        figure(to.mean[measure], formatScore),
        figure(to.mean[measure] - from.mean[measure], formatDifference),
        figure(sample.deviation > 0 ? pairedTTest(sample).p : null, (p) => p.toFixed(4)),
        figure(latencyOf(from), formatMs),
        figure(latencyOf(to), formatMs),
        figure(diskBytesOf(from), formatBytes),
        figure(diskBytesOf(to), formatBytes),
      ],
    };
  });
  return {
    title: "Ablations",
    charts: [barChart({
      title: `${measure} of systems that one option tells apart, ${dataset} / ${topics}`,
      caption: `${measure} with 95 % t-intervals of the systems that differ from another in one option.`,
      label: measure,
      format: formatScore,
      bars: cells.flatMap((cell, series) =>
        involved.has(cell)
          ? [{
            label: cell.system,
            series,
            parts: { [measure]: cell.mean[measure] },
            interval: intervalOf(cell, measure),
          }]
          : []
      ),
    })],
    tables: [{
      caption: "Systems of one backend that differ in one option; p: paired t-test, not corrected.",
      columns: columnsOf(
        words("system"),
        words("option"),
        measure,
        `Δ ${measure}`,
        "p",
        "ms before",
        "after",
        "index before",
        "after",
      ),
      rows,
    }],
  };
}

function singleSteps(cells: readonly Cell[]): Step[] {
  return cells.flatMap((to, series) =>
    cells.slice(0, series).flatMap((from): Step[] => {
      if (from.backend === null || from.backend !== to.backend) return [];
      const names = [...new Set([...Object.keys(from.options), ...Object.keys(to.options)])];
      const changed = names.filter((name) =>
        JSON.stringify(own(from.options, name)) !== JSON.stringify(own(to.options, name))
      );
      if (changed.length !== 1) return [];
      const [name] = changed;
      const change = `${name}: ${show(own(from.options, name))} → ${show(own(to.options, name))}`;
      return [{ from, to, series, change }];
    })
  );
}

function show(value: unknown): string {
  return value === undefined || value === null ? "–" : String(value);
}
