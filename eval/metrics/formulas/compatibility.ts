import type { JudgedRanking } from "../judged_ranking.ts";

/**
 * Compatibility (Clarke, Vtyurina and Smucker, TOIS 2021): rank-biased overlap with the ideal ranking that is most like this one,
 * truncated to the longer of the two, and divided by the best possible value if `normalize` is set.
 *
 * @param persistence p of RBO
 */
export function compatibility(
  { grades, levels }: JudgedRanking,
  persistence: number,
  normalize: boolean,
): number {
  const ideal = levels.slice(1).reduce((sum, count) => sum + count, 0);
  const depth = Math.max(grades.length, ideal);
  if (depth === 0) return 0;
  const better = (grade: number) => levels.slice(grade + 1).reduce((sum, count) => sum + count, 0);
  // Of equal grades, the retrieved ones come first in the ideal, in the order of the ranking.
  const taken = new Map<number, number>();
  // joins[d]: passages that are within the first d + 1 of both rankings, and of no shorter prefix of both.
  const joins = new Array<number>(depth).fill(0);
  grades.forEach((grade, rank) => {
    if (grade < 1) return;
    const before = taken.get(grade) ?? 0;
    taken.set(grade, before + 1);
    joins[Math.max(rank, better(grade) + before)]++;
  });
  const selfJoins = Array.from({ length: depth }, (_, d) => d < ideal ? 1 : 0);
  const overlap = weighted(joins, persistence);
  const best = weighted(selfJoins, persistence);
  return !normalize || best === 0 ? overlap : overlap / best;
}

/** Σ p^d × overlap at depth d + 1, divided by Σ p^d. */
function weighted(joins: readonly number[], persistence: number): number {
  let common = 0;
  let sum = 0;
  let total = 0;
  let weight = 1;
  joins.forEach((count, d) => {
    common += count;
    sum += weight * common / (d + 1);
    total += weight;
    weight *= persistence;
  });
  return sum / total;
}
