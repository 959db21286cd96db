/** Grade of a passage without a judgement. */
export const NOT_POOLED = -1;

/** Grade of a passage whose judgement is negative: it was pooled, but not judged (infAP samples the pool). */
export const UNJUDGED = -2;

/** One query's ranking as all measures see it: grades in place of passages. */
export interface JudgedRanking {
  /** Grade at each rank, best first: 0 or more, {@link NOT_POOLED} or {@link UNJUDGED}. */
  readonly grades: readonly number[];
  /** How many judged passages, retrieved or not, have grade 0, 1, 2, … */
  readonly levels: readonly number[];
}

/** What may be cut from a ranking before it is measured. */
export interface JudgeOptions {
  /** Only the first `depth` passages are looked at (`trec_eval -M`). */
  readonly depth?: number;
  /** Passages without a judgement are taken out, which moves the others up (`trec_eval -J`). */
  readonly judgedOnly?: boolean;
}

/**
 * Looks up the judgements of a ranking.
 *
 * @param ids passage ids, best first, each at most once
 */
export function judgeRanking(
  ids: readonly string[],
  judgements: ReadonlyMap<string, number>,
  { depth = Infinity, judgedOnly = false }: JudgeOptions = {},
): JudgedRanking {
  const grades: number[] = [];
  for (let rank = 0; rank < ids.length && rank < depth; rank++) {
    const seen = seenGrade(judgements.get(ids[rank]));
    if (!judgedOnly || seen >= 0) grades.push(seen);
  }
  return { grades, levels: countLevels(judgements) };
}

/** A judge's grade as measures see it; undefined: there is none. */
export function seenGrade(grade: number | undefined): number {
  return grade === undefined ? NOT_POOLED : grade < 0 ? UNJUDGED : grade;
}

function countLevels(judgements: ReadonlyMap<string, number>): number[] {
  const levels: number[] = [];
  for (const grade of judgements.values()) {
    if (grade < 0) continue;
    while (levels.length <= grade) levels.push(0);
    levels[grade]++;
  }
  return levels;
}

/** Judged passages of grade `rel` or better, retrieved or not. */
export function countRelevant({ levels }: JudgedRanking, rel: number): number {
  let count = 0;
  for (let grade = rel; grade < levels.length; grade++) count += levels[grade];
  return count;
}

/** Retrieved passages of grade `rel` or better among the first `cutoff`. */
export function countFound({ grades }: JudgedRanking, rel: number, cutoff = Infinity): number {
  let count = 0;
  for (let rank = 0; rank < grades.length && rank < cutoff; rank++) if (grades[rank] >= rel) count++;
  return count;
}

/** `part / whole`; trec_eval's value where there is nothing to find is 0. */
export function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
