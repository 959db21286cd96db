import Table from "cli-table3";
import type { PassageTrace, Stage } from "../backends/backend.ts";
import type { Matrix } from "../encoders/encoder.ts";
import { visibleText } from "../support/visible_text.ts";

const PLAIN = { head: [], border: [], compact: true };

/** What each stage of a search did. */
export function renderStages(stages: readonly Stage[]): string {
  const table = new Table({
    head: ["stage", "ms", "passages left", "multiply–adds", "of bytes", "bytes read"],
    colAligns: ["left", "right", "right", "right", "right", "right"],
    style: PLAIN,
  });
  for (const { name, ms, candidates, macs, bytes } of stages) {
    const work = [macs.float, macs.integer, bytes].map((count) => count.toLocaleString("en"));
    table.push([visibleText(name), ms.toFixed(2), candidates, ...work]);
  }
  return table.toString();
}

/** How a passage fared, stage by stage, and by how much it was lost. */
export function renderTrace({ id, stages, rank }: PassageTrace): string {
  const lines = stages.map(({ name, kept, score, cut, hint }) => {
    const figures = score === null
      ? ""
      : `, score ${score.toFixed(4)}${cut === null ? "" : `, lowest kept ${cut.toFixed(4)}`}`;
    const margin = !kept && score !== null && cut !== null ? `, ${(cut - score).toFixed(4)} too little` : "";
    return `  ${kept ? "kept" : "LOST"} by ${name}${figures}${margin}${hint ? `: ${hint()}` : ""}`;
  });
  return [`passage ${visibleText(id)}: ${rank === null ? "not found" : `rank ${rank}`}`, ...lines].join("\n");
}

/** For each row of a query the row of the passage that matches it best: the terms of its score. */
export function renderMatches(
  queryTokens: readonly string[],
  passageTokens: readonly string[],
  { data, rows, dim }: Matrix,
): string {
  const table = new Table({
    head: ["query", "passage", "product"],
    colAligns: ["left", "left", "right"],
    style: PLAIN,
  });
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    let best = 0;
    for (let t = 1; t < dim; t++) if (data[row * dim + t] > data[row * dim + best]) best = t;
    sum += data[row * dim + best];
    table.push([
      visibleText(queryTokens[row] ?? `row ${row}`),
      visibleText(passageTokens[best] ?? `row ${best}`),
      data[row * dim + best].toFixed(4),
    ]);
  }
  return `${table}\n  sum ${sum.toFixed(4)}`;
}
