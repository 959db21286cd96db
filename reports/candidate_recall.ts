import type { Cell } from "../eval/results/schema.ts";

/** The shares of exhaustive search's best passages that a stage left, by depth: `1.000 / 0.998 / 0.952`; null where not measured. */
export function formatCandidateRecall({ candidate_recall }: Cell, stage: string): string | null {
  const known = candidate_recall?.filter((share) => share.stage === stage) ?? [];
  return known.length === 0 ? null : known.map(({ recall }) => recall.toFixed(3)).join(" / ");
}

/** How much of exhaustive search's rankings a system's first stage finds, before anything is ranked; null where not measured. */
export function noteCandidateRecall(cell: Cell): string | null {
  const first = cell.candidate_recall?.[0]?.stage;
  if (first === undefined) return null;
  const depths = cell.candidate_recall!.filter(({ stage }) => stage === first).map(({ depth }) => depth);
  return `${cell.system}: stage ${first} finds ${formatCandidateRecall(cell, first)} of exhaustive's top ${
    depths.join(" / ")
  }, before re-ranking`;
}
