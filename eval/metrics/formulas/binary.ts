import { countFound, countRelevant, type JudgedRanking, ratio } from "../judged_ranking.ts";

/** 1 / rank of the first relevant passage (Voorhees, TREC-8 QA). */
export function reciprocalRank({ grades }: JudgedRanking, rel: number, cutoff = Infinity): number {
  for (let rank = 0; rank < grades.length && rank < cutoff; rank++) if (grades[rank] >= rel) return 1 / (rank + 1);
  return 0;
}

/** Share of the first `cutoff` ranks that hold a relevant passage; ranks that the run leaves empty count. */
export function precision(ranking: JudgedRanking, rel: number, cutoff: number): number {
  return ratio(countFound(ranking, rel, cutoff), cutoff);
}

/** Share of the relevant passages that are among the first `cutoff`. */
export function recall(ranking: JudgedRanking, rel: number, cutoff = Infinity): number {
  return ratio(countFound(ranking, rel, cutoff), countRelevant(ranking, rel));
}

/** Whether a relevant passage is among the first `cutoff`. */
export function success(ranking: JudgedRanking, rel: number, cutoff: number): number {
  return countFound(ranking, rel, cutoff) > 0 ? 1 : 0;
}

/** Precision at `cutoff` as a share of the best possible one: found / min(cutoff, relevant). */
export function relativePrecision(ranking: JudgedRanking, rel: number, cutoff: number): number {
  return ratio(countFound(ranking, rel, cutoff), Math.min(cutoff, countRelevant(ranking, rel)));
}

/** Mean over the relevant passages, retrieved or not, of the precision at each; 0 for those beyond `cutoff`. */
export function averagePrecision(ranking: JudgedRanking, rel: number, cutoff = Infinity): number {
  return ratio(sumOfPrecisions(ranking, rel, cutoff), countRelevant(ranking, rel));
}

/** Robertson's logarithmic form of AP (`yaap`; ECIR 2012, "On smoothing average precision"). */
export function smoothedAveragePrecision(ranking: JudgedRanking, rel: number): number {
  const sum = sumOfPrecisions(ranking, rel, Infinity);
  return Math.log((1 + sum) / (1 + countRelevant(ranking, rel) - sum));
}

function sumOfPrecisions({ grades }: JudgedRanking, rel: number, cutoff: number): number {
  let found = 0;
  let sum = 0;
  for (let rank = 0; rank < grades.length && rank < cutoff; rank++) {
    if (grades[rank] >= rel) sum += ++found / (rank + 1);
  }
  return sum;
}

/** Precision at R, the number of relevant passages, or at a multiple of it (rounded up from a tenth). */
export function rPrecision(ranking: JudgedRanking, rel: number, multiple = 1): number {
  return precision(ranking, rel, Math.trunc(multiple * countRelevant(ranking, rel) + 0.9));
}

/**
 * Interpolated precision at each recall point: the best precision at that recall or a higher one.
 *
 * @param points recall levels, 0 to 1
 * @param round how `point × R` becomes a number of passages; trec_eval 9 and 10 differ in it
 */
export function interpolatedPrecision(
  ranking: JudgedRanking,
  rel: number,
  points: readonly number[],
  round: (found: number) => number,
): number[] {
  const { grades } = ranking;
  const relevant = countRelevant(ranking, rel);
  let found = countFound(ranking, rel);
  // best[n]: the highest precision at the rank of the n-th relevant passage or any later one.
  const best: number[] = [];
  let highest = ratio(found, grades.length);
  for (let rank = grades.length; rank > 0 && found > 0; rank--) {
    highest = Math.max(highest, found / rank);
    if (grades[rank - 1] >= rel) best[found--] = highest;
  }
  best[0] = highest;
  return points.map((point) => best[round(point * relevant)] ?? 0);
}

/**
 * bpref: how far judged non-relevant passages are kept below the relevant ones (Buckley and Voorhees, SIGIR 2004, in trec_eval's
 * form). Passages without a judgement do not count.
 */
export function bpref(ranking: JudgedRanking, rel: number): number {
  const relevant = countRelevant(ranking, rel);
  let judgedNonRelevant = 0;
  for (let grade = 0; grade < rel && grade < ranking.levels.length; grade++) judgedNonRelevant += ranking.levels[grade];
  let above = 0;
  let sum = 0;
  for (const grade of ranking.grades) {
    if (grade < 0) continue;
    if (grade < rel) above++;
    else sum += above > 0 ? 1 - Math.min(above, relevant) / Math.min(judgedNonRelevant, relevant) : 1;
  }
  return ratio(sum, relevant);
}

/** Inferred AP over a sampled pool (Yilmaz and Aslam, CIKM 2006): unjudged passages of the pool are like the judged ones. */
export function inferredAp(ranking: JudgedRanking, rel: number): number {
  const epsilon = 0.00001;
  let relevant = 0;
  let nonRelevant = 0;
  let unjudged = 0;
  let sum = 0;
  ranking.grades.forEach((grade, above) => {
    if (grade === -1) return;
    if (grade === -2) unjudged++;
    else if (grade < rel) nonRelevant++;
    else {
      const pooled = relevant + nonRelevant + unjudged;
      sum += above === 0 ? 1 : 1 / (above + 1) +
        (above / (above + 1)) * (pooled / above) * ((relevant + epsilon) / (relevant + nonRelevant + 2 * epsilon));
      relevant++;
    }
  });
  return ratio(sum, countRelevant(ranking, rel));
}

/**
 * Accuracy of preference (ir_measures' `Accuracy`): the chance that a relevant and a non-relevant passage among the first `cutoff`
 * stand in the right order; 0 without a relevant one.
 */
export function pairAccuracy({ grades }: JudgedRanking, rel: number, cutoff = Infinity): number {
  let above = 0;
  let relevant = 0;
  let wrong = 0;
  for (let rank = 0; rank < grades.length && rank < cutoff; rank++) {
    if (grades[rank] >= rel) {
      relevant++;
      wrong += above;
    } else above++;
  }
  if (relevant === 0) return 0;
  return above === 0 ? 1 : 1 - wrong / (above * relevant);
}

/** Share of the first `cutoff` ranks without a judgement. */
export function unjudgedShare({ grades }: JudgedRanking, cutoff: number): number {
  return grades.slice(0, cutoff).filter((grade) => grade < 0).length / cutoff;
}

/** Set precision × set recall; one division, as trec_eval has it: the last bit depends on it. */
export function setAveragePrecision(ranking: JudgedRanking, rel: number): number {
  const found = countFound(ranking, rel);
  return ratio(found * found, ranking.grades.length * countRelevant(ranking, rel));
}

/** Harmonic mean of set precision and set recall; `beta` is the weight of recall as trec_eval has it (1: F1). */
export function setF(ranking: JudgedRanking, rel: number, beta = 1): number {
  const p = precision(ranking, rel, ranking.grades.length);
  const r = recall(ranking, rel);
  return ratio((beta + 1) * p * r, r + beta * p);
}
