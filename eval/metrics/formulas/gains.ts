import type { JudgedRanking } from "../judged_ranking.ts";
import { ratio } from "../judged_ranking.ts";

/** What a passage of a grade is worth; grades below 0 (without a judgement) are asked too. */
export type Gain = (grade: number) => number;

/** The grade itself; nothing without a judgement. */
export const gradeAsGain: Gain = (grade) => Math.max(grade, 0);

/** 2^grade − 1 (Burges et al., ICML 2005). */
export const exponentialGain: Gain = (grade) => 2 ** Math.max(grade, 0) - 1;

/** Gains of the ideal ranking, best first, as far as they are positive. */
export function idealGains({ levels }: JudgedRanking, gain: Gain): number[] {
  const gains = levels.map((count, grade) => ({ count, value: gain(grade) }));
  gains.sort((a, b) => b.value - a.value);
  return gains.flatMap(({ count, value }) => value > 0 ? Array<number>(count).fill(value) : []);
}

/** Σ gain / log2(rank + 1) over the first `cutoff` (Järvelin and Kekäläinen, TOIS 2002). */
export function discountedGain(gains: readonly number[], cutoff = Infinity): number {
  let sum = 0;
  for (let rank = 0; rank < gains.length && rank < cutoff; rank++) {
    if (gains[rank] !== 0) sum += gains[rank] / Math.log2(rank + 2);
  }
  return sum;
}

/** nDCG with trec_eval's choices: the ideal is made of all judged passages. */
export function ndcg(ranking: JudgedRanking, gain: Gain = gradeAsGain, cutoff = Infinity): number {
  const ideal = discountedGain(idealGains(ranking, gain), cutoff);
  return ratio(discountedGain(ranking.grades.slice(0, cutoff).map(gain)), ideal);
}

/** trec_eval's `ndcg_rel`: nDCG averaged over the ranks of the relevant passages; those not retrieved count as found last. */
export function ndcgAtRelevant(ranking: JudgedRanking, gain: Gain): number {
  const { found, best } = runningGains(ranking, gain);
  const total = idealGains(ranking, gain).length;
  let sum = 0;
  let retrieved = 0;
  ranking.grades.forEach((grade, rank) => {
    if (gain(grade) <= 0) return;
    retrieved++;
    sum += found[rank] / best(rank + 1);
  });
  sum += ratio((total - retrieved) * (found.at(-1) ?? 0), best(Infinity)); // in this order: the last bit depends on it
  return sum > 0 ? sum / total : 0;
}

/** trec_eval's `Rndcg`: nDCG averaged over the ranks where the ideal gain changes, and the end of the ranking. */
export function ndcgAtLevels(ranking: JudgedRanking, gain: Gain): number {
  const { found, best } = runningGains(ranking, gain);
  const ideal = idealGains(ranking, gain);
  if (ideal.length === 0) return 0;
  const retrieved = ranking.grades.length;
  const at = (rank: number) => (found[Math.min(rank, retrieved) - 1] ?? 0) / best(rank);
  const changes = ideal.flatMap((value, rank) => value !== ideal[rank + 1] ? [rank + 1] : []);
  const points = changes.map(at);
  if (ideal.length + 1 < retrieved) points.push(at(retrieved));
  return points.reduce((sum, value) => sum + value, 0) / points.length;
}

/** Discounted gain of the ranking after each rank, and of the ideal one within a depth. */
function runningGains(ranking: JudgedRanking, gain: Gain): { found: number[]; best: (depth: number) => number } {
  const running = (gains: readonly number[]) => {
    let sum = 0;
    return gains.map((value, rank) => sum += value === 0 ? 0 : value / Math.log2(rank + 2));
  };
  const ideal = running(idealGains(ranking, gain));
  return {
    found: running(ranking.grades.map(gain)),
    best: (depth) => ideal[Math.min(depth, ideal.length) - 1] ?? 0,
  };
}

/** trec_eval's `G`: the discount depends on how much gain was missed before, not on the rank. */
export function gainOverMissed(ranking: JudgedRanking, gain: Gain): number {
  const ideal = idealGains(ranking, gain);
  let possible = 0;
  let found = 0;
  let sum = 0;
  ranking.grades.forEach((grade, rank) => {
    const value = gain(grade);
    found += value;
    possible += Math.max(ideal[rank] ?? 0, 1);
    if (value !== 0) sum += value / Math.log2(2 + possible - found);
  });
  return ratio(sum, ideal.reduce((total, value) => total + value, 0));
}

/** trec_eval's `binG`: {@link gainOverMissed} with gains 0 and 1. */
export function binaryGainOverMissed({ grades, levels }: JudgedRanking, rel: number): number {
  let relevant = 0;
  let sum = 0;
  grades.forEach((grade, rank) => {
    if (grade >= rel) sum += 1 / Math.log2(3 + rank - ++relevant);
  });
  const total = levels.slice(rel).reduce((count, n) => count + n, 0);
  return relevant === 0 ? 0 : sum / total;
}

/** Rank-biased precision (Moffat and Zobel, TOIS 2008) with the given gains, which should lie between 0 and 1. */
export function rankBiasedPrecision(
  { grades }: JudgedRanking,
  persistence: number,
  gain: Gain,
  cutoff = Infinity,
): number {
  let sum = 0;
  let weight = 1;
  for (let rank = 0; rank < grades.length && rank < cutoff; rank++) {
    const value = gain(grades[rank]);
    if (value !== 0) sum += value * weight;
    weight *= persistence;
  }
  return (1 - persistence) * sum;
}

/** How much {@link rankBiasedPrecision} could still grow if all that is not judged or not retrieved were relevant. */
export function rankBiasedResidual({ grades }: JudgedRanking, persistence: number): number {
  let unjudged = 0;
  let sum = 0;
  let weight = 1;
  for (const grade of grades) {
    if (grade < 0) {
      unjudged++;
      sum += weight;
    }
    weight *= persistence;
  }
  return unjudged === 0 ? 0 : weight + (1 - persistence) * sum;
}

/**
 * Expected reciprocal rank (Chapelle et al., CIKM 2009): a passage of grade g satisfies with probability (2^g − 1) / 2^top.
 *
 * @param top the highest grade of the scale (gdeval takes 4)
 */
export function expectedReciprocalRank({ grades }: JudgedRanking, top: number, cutoff = Infinity): number {
  let reached = 1;
  let sum = 0;
  for (let rank = 0; rank < grades.length && rank < cutoff; rank++) {
    const satisfied = exponentialGain(grades[rank]) / 2 ** top;
    sum += reached * satisfied / (rank + 1);
    reached *= 1 - satisfied;
  }
  return sum;
}
