import { definitionOf, gainOf } from "./definitions.ts";
import { countRelevant, type JudgedRanking, ratio } from "./judged_ranking.ts";
import type { Measure } from "./measure.ts";
import { allOrders, countOrders, randomOrders } from "./permutations.ts";
import type { ScoredRanking } from "./scored_ranking.ts";

/** What a measure can be over all orders of the passages that tie. */
export interface TieRange {
  readonly min: number;
  /** Mean over all orders. */
  readonly expected: number;
  readonly max: number;
  /**
   * Whether all three are exact. Otherwise `expected` is the mean over {@link SAMPLES} random orders with a fixed seed; the extremes
   * of infAP and Accuracy are then those of these orders.
   */
  readonly exact: boolean;
}

/** How far a value can move within its range; 0 where there is none. */
export function tieWidth(range: TieRange | undefined): number {
  return range ? range.max - range.min : 0;
}

/** One query's ranking with its ties: grades of passages with equal scores, groups by score descending. */
export interface TiedRanking {
  readonly groups: readonly (readonly number[])[];
  readonly levels: readonly number[];
}

/** Random orders, where there are more than this and the mean has no closed form here. */
export const SAMPLES = 2000;

/** Measures that a better passage further up does not always raise. */
const NOT_MONOTONE: readonly Measure["name"][] = ["infAP", "Accuracy"];

/** Groups a ranking by score. */
export function tiedRanking({ scores, grades, levels }: ScoredRanking): TiedRanking {
  const groups: number[][] = [];
  grades.forEach((grade, rank) => {
    if (rank > 0 && scores[rank] === scores[rank - 1]) groups[groups.length - 1].push(grade);
    else groups.push([grade]);
  });
  return { groups, levels };
}

/**
 * The range of a measure over all orders of tied passages. Nearly every measure rises when a better passage changes places with
 * the one before it, so that the extremes are found by sorting each group. The expected values are exact for RR, Success, AP
 * (McSherry and Najork, ECIR 2008) and for measures that are sums over ranks.
 */
export function tieRange(measure: Measure, tied: TiedRanking): TieRange {
  const ranking = measure.judged_only
    ? { ...tied, groups: tied.groups.map((group) => group.filter((grade) => grade >= 0)) }
    : tied;
  const score = (groups: TiedRanking["groups"]) =>
    definitionOf(measure).score({ grades: groups.flat(), levels: ranking.levels }, measure);
  const worth = worthOf(measure);
  const sorted = (sign: number) =>
    ranking.groups.map((group) => [...group].sort((a, b) => sign * (worth(a) - worth(b))));
  const min = score(sorted(1));
  const max = score(sorted(-1));
  const monotone = !NOT_MONOTONE.includes(measure.name);
  if (monotone && min === max) return { min, expected: min, max, exact: true };
  const expected = expectedValue(measure, ranking, score);
  if (expected !== undefined) return { min, expected, max, exact: true };
  const exact = countOrders(ranking.groups) <= SAMPLES;
  const values = Array.from(exact ? allOrders(ranking.groups) : randomOrders(ranking.groups, SAMPLES), score);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  if (monotone) return { min, expected: mean, max, exact };
  return { min: Math.min(...values), expected: mean, max: Math.max(...values), exact };
}

/** What makes one passage better than another in the eyes of a measure. */
function worthOf(measure: Measure): (grade: number) => number {
  if (measure.name === "nDCG") return gainOf(measure);
  if (measure.name === "Judged") return (grade) => grade === -1 ? 0 : 1;
  return (grade) => grade;
}

function expectedValue(
  measure: Measure,
  ranking: TiedRanking,
  score: (groups: TiedRanking["groups"]) => number,
): number | undefined {
  switch (measure.name) {
    case "RR":
      return expectedReciprocalRank(measure, ranking.groups);
    case "Success":
      return expectedSuccess(measure, ranking.groups);
    case "AP":
      return expectedAveragePrecision(measure, ranking);
    case "P":
    case "R":
    case "nDCG":
    case "RBP":
    case "Judged":
    case "Rprec":
      return expectedSum(ranking.groups, score);
    default:
      return undefined;
  }
}

/**
 * For a sum over ranks, an order counts only by which passage stands where: turning a group round through all its positions puts
 * each passage on each of its ranks once, and gives the mean over all orders. Groups add up independently.
 */
function expectedSum(groups: TiedRanking["groups"], score: (groups: TiedRanking["groups"]) => number): number {
  const base = score(groups);
  let expected = base;
  groups.forEach((group, g) => {
    if (group.every((grade) => grade === group[0])) return;
    let sum = 0;
    for (let turn = 0; turn < group.length; turn++) {
      sum += score(groups.with(g, [...group.slice(turn), ...group.slice(0, turn)]));
    }
    expected += sum / group.length - base;
  });
  return expected;
}

function expectedReciprocalRank({ rel = 1, cutoff = Infinity }: Measure, groups: TiedRanking["groups"]): number {
  let before = 0;
  for (const group of groups) {
    const relevant = group.filter((grade) => grade >= rel).length;
    if (relevant > 0) {
      // Of n tied passages, r of them relevant, the first relevant one is the j-th with this chance.
      let chance = relevant / group.length;
      let sum = 0;
      for (let j = 0; j <= group.length - relevant && before + j < cutoff; j++) {
        sum += chance / (before + j + 1);
        chance *= (group.length - relevant - j) / (group.length - j - 1);
      }
      return sum;
    }
    before += group.length;
  }
  return 0;
}

function expectedSuccess({ rel = 1, cutoff = Infinity }: Measure, groups: TiedRanking["groups"]): number {
  let before = 0;
  for (const group of groups) {
    const places = Math.min(group.length, cutoff - before);
    if (places <= 0) return 0;
    const others = group.filter((grade) => grade < rel).length;
    if (others < group.length) {
      let none = 1;
      for (let i = 0; i < places; i++) none *= Math.max(0, others - i) / (group.length - i);
      return 1 - none;
    }
    before += group.length;
  }
  return 0;
}

function expectedAveragePrecision({ rel = 1, cutoff = Infinity }: Measure, { groups, levels }: TiedRanking): number {
  let before = 0;
  let found = 0;
  let sum = 0;
  for (const group of groups) {
    const relevant = group.filter((grade) => grade >= rel).length;
    const others = Math.max(1, group.length - 1);
    for (let i = 0; i < group.length && before + i < cutoff; i++) {
      // A relevant passage stands here with chance r/n, and then i of the n − 1 others are above it.
      sum += (relevant / group.length) * (found + i * (relevant - 1) / others + 1) / (before + i + 1);
    }
    before += group.length;
    found += relevant;
  }
  const ranking: JudgedRanking = { grades: [], levels };
  return ratio(sum, countRelevant(ranking, rel));
}
