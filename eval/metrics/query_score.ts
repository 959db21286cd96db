import type { Measure } from "./measure.ts";

/**
 * The value of a measure for one query, with trec_eval's definitions (its sources; `facts` in `docs/metrics.md`).
 *
 * @param ranking passage ids, best first, each at most once
 * @param grades the query's judgements; a passage that is not among them is not relevant
 */
export function scoreQuery(measure: Measure, ranking: readonly string[], grades: ReadonlyMap<string, number>): number {
  const { name, cutoff = Infinity, rel = 1 } = measure;
  const depth = Math.min(cutoff, ranking.length);
  const relevant = (rank: number) => (grades.get(ranking[rank]) ?? 0) >= rel;
  switch (name) {
    case "RR":
      for (let rank = 0; rank < depth; rank++) if (relevant(rank)) return 1 / (rank + 1);
      return 0;
    case "Success":
      return count(depth, relevant) > 0 ? 1 : 0;
    case "P":
      return count(depth, relevant) / cutoff;
    case "R":
      return ratio(count(depth, relevant), countRelevant(grades, rel));
    case "Judged":
      return count(depth, (rank) => grades.has(ranking[rank])) / cutoff;
    case "AP":
      return averagePrecision(depth, relevant, countRelevant(grades, rel));
    case "nDCG":
      return gainRatio(depth, cutoff, ranking, grades);
  }
}

/** Mean over the relevant passages (retrieved or not) of the precision at each. */
function averagePrecision(depth: number, relevant: (rank: number) => boolean, total: number): number {
  let found = 0;
  let sum = 0;
  for (let rank = 0; rank < depth; rank++) if (relevant(rank)) sum += ++found / (rank + 1);
  return ratio(sum, total);
}

/** Järvelin and Kekäläinen with trec_eval's choices: gain = grade, discount log2(rank + 1), ideal over all judged passages. */
function gainRatio(
  depth: number,
  cutoff: number,
  ranking: readonly string[],
  grades: ReadonlyMap<string, number>,
): number {
  const discount = (rank: number) => Math.log2(rank + 2);
  let gain = 0;
  for (let rank = 0; rank < depth; rank++) gain += Math.max(grades.get(ranking[rank]) ?? 0, 0) / discount(rank);
  const ideal = [...grades.values()].filter((grade) => grade > 0).sort((a, b) => b - a).slice(0, cutoff)
    .reduce((sum, grade, rank) => sum + grade / discount(rank), 0);
  return ratio(gain, ideal);
}

function count(depth: number, holds: (rank: number) => boolean): number {
  let n = 0;
  for (let rank = 0; rank < depth; rank++) if (holds(rank)) n++;
  return n;
}

function countRelevant(grades: ReadonlyMap<string, number>, rel: number): number {
  let n = 0;
  for (const grade of grades.values()) if (grade >= rel) n++;
  return n;
}

/** trec_eval's value for a query without relevant passages is 0. */
function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
