import type { TrecEvalMeasure } from "./measure.ts";
import { countKept, type GroupCounts, type PreferenceGroup, type PreferenceView } from "./preferences.ts";

type Measure = TrecEvalMeasure<PreferenceView>;

/** Kept and possible preferences. */
type Share = readonly [kept: number, possible: number];

/** Which pairs take part: all, those of which both were retrieved, or those of which one was. */
type Scope = (counts: GroupCounts) => Share;

const ALL: Scope = (g) => [
  g.keptRetrieved + g.keptImplied,
  g.possibleRetrieved + g.possibleImplied + g.notRetrieved,
];
const RETRIEVED: Scope = (g) => [g.keptRetrieved, g.possibleRetrieved];
const IMPLIED: Scope = (g) => [g.keptRetrieved + g.keptImplied, g.possibleRetrieved + g.possibleImplied];

function measure(name: string, over: "mean" | "sum", value: (view: PreferenceView) => number): Measure {
  return { name, parameters: "none", over, values: (view) => [value(view)] };
}

/** All groups' preferences together. */
function total({ groups }: PreferenceView, scope: Scope): Share {
  return groups.map(scope).reduce(([kept, possible], [k, p]) => [kept + k, possible + p], [0, 0]);
}

function simple(view: PreferenceView, scope: Scope): number {
  const [kept, possible] = total(view, scope);
  return possible === 0 ? 0 : kept / possible;
}

/** Mean over groups. */
function averaged({ groups }: PreferenceView, share: (group: PreferenceGroup) => Share): number {
  const sum = groups.map(share).reduce((all, [kept, possible]) => all + (possible === 0 ? 0 : kept / possible), 0);
  return sum / groups.length;
}

/**
 * Mean over pairs of passages of the share of groups that the ranking agrees with; pairs of which neither was retrieved count as
 * failures in the scope "all", and not at all in the others.
 */
function paired({ groups, size, retrieved }: PreferenceView, scope: "all" | "retrieved" | "implied"): number {
  const groupsThatPrefer = (i: number, j: number) => groups.reduce((n, { prefers }) => n + prefers[i * size + j], 0);
  let pairs = 0;
  let sum = 0;
  const add = (from: number, until: (i: number) => number, to: number, end: number, counts: boolean) => {
    for (let i = from; i < to; i++) {
      for (let j = until(i); j < end; j++) {
        const forward = groupsThatPrefer(i, j);
        const backward = groupsThatPrefer(j, i);
        if (forward + backward === 0) continue;
        pairs++;
        if (counts) sum += forward / (forward + backward);
      }
    }
  };
  add(0, (i) => i + 1, retrieved, retrieved, true);
  if (scope !== "retrieved") add(0, () => retrieved, retrieved, size, true);
  if (scope === "all") add(retrieved, (i) => i + 1, size, size, false);
  return pairs === 0 ? 0 : sum / pairs;
}

/**
 * Mean over groups, each with as many non-relevant passages (level 0) as relevant ones: missing ones count as ranked below all
 * that was retrieved, and only the first are kept where there are more. As trec_eval computes it, a group without subgroups then
 * also compares non-relevant passages with one another.
 */
function balanced(view: PreferenceView, onlyRetrieved: boolean): number {
  const { groups, size, retrieved } = view;
  const end = onlyRetrieved ? retrieved : size;
  const scope = onlyRetrieved ? RETRIEVED : ALL;
  const sum = groups.reduce((all, group) => {
    const levels = group.levels.subarray(0, end);
    const relevant = levels.filter((level) => level > 0).length;
    const others = levels.filter((level) => level === 0).length;
    let [kept, possible] = scope(group);
    if (relevant >= others) {
      const [foundRelevant, allRelevant] = [group.levels.subarray(0, retrieved), group.levels]
        .map((part) => part.filter((level) => level > 0).length);
      kept += foundRelevant * (relevant - others);
      possible += allRelevant * (relevant - others);
    } else if (group.partial) {
      const allowed = group.levels.filter((level) => level > 0).length;
      const dropped = positionsOf(levels, (level) => level === 0)[allowed] ?? end;
      const counts = (position: number) => position < dropped || group.levels[position] !== 0;
      [kept, possible] = scope(countKept(group.prefers, size, retrieved, counts));
    } else {
      [kept, possible] = recount(levels, relevant, retrieved);
    }
    return all + kept / possible;
  }, 0);
  return sum > 0 ? sum / groups.length : 0;
}

function recount(levels: Float64Array, allowed: number, retrieved: number): Share {
  const first = positionsOf(levels, (level) => level === 0).slice(0, allowed);
  const judged = positionsOf(levels, (level) => level >= 0);
  let kept = 0;
  let possible = 0;
  const compare = (better: number, worse: number) => {
    possible++;
    if (better < worse && better < retrieved) kept++;
  };
  for (const better of judged) {
    for (const worse of judged) {
      if (levels[worse] > 0 && levels[better] > levels[worse]) compare(better, worse);
    }
    for (const worse of first) compare(better, worse);
  }
  return [kept, possible];
}

function positionsOf(levels: Float64Array, holds: (level: number) => boolean): number[] {
  return Array.from(levels.keys()).filter((position) => holds(levels[position]));
}

/** Measures over preferences, in the order in which trec_eval prints them. */
export const PREFERENCE_MEASURES: readonly Measure[] = [
  measure("prefs_num_prefs_poss", "sum", (view) => total(view, ALL)[1]),
  measure("prefs_num_prefs_ful", "sum", (view) => total(view, ALL)[0]),
  measure("prefs_num_prefs_ful_ret", "sum", (view) => total(view, RETRIEVED)[0]),
  measure("prefs_simp", "mean", (view) => simple(view, ALL)),
  measure("prefs_pair", "mean", (view) => paired(view, "all")),
  measure("prefs_avgjg", "mean", (view) => averaged(view, ALL)),
  measure("prefs_avgjg_Rnonrel", "mean", (view) => balanced(view, false)),
  measure("prefs_simp_ret", "mean", (view) => simple(view, RETRIEVED)),
  measure("prefs_pair_ret", "mean", (view) => paired(view, "retrieved")),
  measure("prefs_avgjg_ret", "mean", (view) => averaged(view, RETRIEVED)),
  measure("prefs_avgjg_Rnonrel_ret", "mean", (view) => balanced(view, true)),
  measure("prefs_simp_imp", "mean", (view) => simple(view, IMPLIED)),
  measure("prefs_pair_imp", "mean", (view) => paired(view, "implied")),
  measure("prefs_avgjg_imp", "mean", (view) => averaged(view, IMPLIED)),
];

/** Names of the sets of these measures that `-m` takes. */
export const PREFERENCE_SETS: Readonly<Record<string, readonly string[]>> = {
  all_prefs: PREFERENCE_MEASURES.map(({ name }) => name),
  prefs: PREFERENCE_MEASURES.slice(0, 6).map(({ name }) => name),
};
