import type { Qrels } from "../../../datasets/dataset.ts";

/** Judgements of MS MARCO passage ranking that are taken for each other, by how many there are. */
const KNOWN = [
  { name: "dev.small", file: "qrels.dev.small.tsv", topics: 6980, judgements: 7437 },
  { name: "dev", file: "qrels.dev.tsv", topics: 55578, judgements: 59273 },
] as const;

/**
 * Whether a run of one official query set is about to be measured with the judgements of a larger one: every mean would be divided by
 * too many queries.
 */
export function mistakenQrels(qrels: Qrels, ranked: number): string | null {
  let judgements = 0;
  for (const grades of qrels.values()) judgements += grades.size;
  const used = KNOWN.find((set) => set.topics === qrels.size && set.judgements === judgements);
  const meant = KNOWN.find((set) => set.topics === ranked);
  if (!used || !meant || used.topics <= meant.topics) return null;
  return `these are the judgements of ${used.name} (${used.topics} queries), and the run ranks ${ranked}, as many as ` +
    `${meant.name} has: ${meant.file} is meant`;
}
