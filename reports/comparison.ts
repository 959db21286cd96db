import Table from "cli-table3";
import type { Approximation } from "../eval/comparison/approximation.ts";
import { AGREEMENT, type Agreement } from "../eval/comparison/agreement.ts";
import type { Comparison } from "../eval/comparison/compare.ts";
import { formatDifference, formatMs } from "./format.ts";
import { visibleText } from "../support/visible_text.ts";

/** How like a reference's rankings those of a system are. */
export type NamedApproximation = Approximation & { readonly system: string };

/** Everything that was compared on one topic set. */
export interface TopicComparison extends Comparison {
  readonly dataset: string;
  readonly topics: string;
  readonly approximations: readonly NamedApproximation[];
  /** Times of the same systems in several runs of one machine. */
  readonly agreements: readonly Agreement[];
}

/** Comparisons as tables for a terminal. */
export function renderComparison(comparisons: readonly TopicComparison[]): string {
  return comparisons.map(renderOne).join("\n\n");
}

function renderOne(comparison: TopicComparison): string {
  const { dataset, topics, baseline, queries, family, margin, differences, approximations, agreements } = comparison;
  const table = makeTable([
    ...["system", "measure", "mean", "Δ", "95 % interval", "p", "p Holm", "p t-test", `p equal ±${margin}`, "d"],
    "+ / = / −",
  ]);
  for (const row of differences) {
    table.push([
      visibleText(row.system),
      visibleText(row.measure),
      row.mean.toFixed(4),
      (row.tie_width > Math.abs(row.difference) ? "~" : "") + formatDifference(row.difference),
      `${formatDifference(row.interval[0])} … ${formatDifference(row.interval[1])}`,
      formatP(row.p),
      formatP(row.p_holm) + (row.p_holm < 0.05 ? "*" : " "),
      row.p_t === null ? "–" : formatP(row.p_t),
      row.p_equivalence === null ? "–" : formatP(row.p_equivalence),
      row.effect_size?.toFixed(2) ?? "–",
      `${row.wins} / ${row.ties} / ${row.losses}`,
    ]);
  }
  const parts = [
    visibleText(`${dataset} / ${topics}: against ${baseline}, ${queries} queries`),
    table.toString(),
    `  p: paired randomisation, two-sided; Holm over all ${family} rows; * below 0.05; d: mean / deviation of the differences`,
  ];
  if (differences.some((row) => row.tie_width > Math.abs(row.difference))) {
    parts.push("  ~: passages with equal scores, in another order, could turn the difference round");
  }
  if (approximations.length > 0) parts.push(renderApproximations(approximations));
  if (agreements.length > 0) parts.push(renderAgreements(agreements));
  return parts.join("\n");
}

/** A p-value is never 0. */
function formatP(p: number): string {
  return p < 0.0001 ? "<.0001" : p.toFixed(4);
}

function renderAgreements(agreements: readonly Agreement[]): string {
  const table = makeTable(["times", "median ms", "in the other run", "ratio", ""]);
  for (const { system, mode, runs, median_ms, ratio, agrees } of agreements) {
    const what = `${system}${mode === "search" ? "" : ", with encoding"} (${runs.join(", ")})`;
    table.push([visibleText(what), ...median_ms.map(formatMs), ratio.toFixed(3), agrees ? "agree" : "do NOT agree"]);
  }
  return `${table.toString()}\n  median times of one system in two runs of one machine agree within ±${
    100 * AGREEMENT
  } %`;
}

function renderApproximations(approximations: readonly NamedApproximation[]): string {
  const table = makeTable(["rankings", "overlap@10", "overlap@100", "overlap@1000", "RBO 0.9", "τ@100"]);
  for (const { system, overlap, rbo, tau } of approximations) {
    const values = [overlap["10"], overlap["100"], overlap["1000"], rbo, tau];
    table.push([visibleText(system), ...values.map((value) => value?.toFixed(4) ?? "–")]);
  }
  return `${table.toString()}\n  against the rankings of ${visibleText(approximations[0].reference)}`;
}

function makeTable(head: string[]) {
  return new Table({
    head,
    colAligns: head.map((_, column) => column < 1 ? "left" : "right"),
    style: { head: [], border: [], compact: true },
  });
}
