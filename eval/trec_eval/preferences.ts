import type { RankedPassage } from "../../datasets/dataset.ts";
import { badInput, quote } from "../../support/errors.ts";
import { readLines } from "../../support/lines.ts";
import { compareBytes } from "../metrics/order.ts";
import type { Judgements } from "./evaluate.ts";

/** One line of a preference file: in this group and subgroup, passages of a higher level are preferred to those of a lower. */
interface Preference {
  readonly group: string;
  readonly subgroup: string;
  readonly id: string;
  readonly level: number;
}

/** How often a ranking kept the preferences of one group, by what was retrieved of each pair. */
export interface GroupCounts {
  readonly keptRetrieved: number;
  readonly possibleRetrieved: number;
  /** One of the two was retrieved. */
  readonly keptImplied: number;
  readonly possibleImplied: number;
  /** Neither was. */
  readonly notRetrieved: number;
}

/** One judgement group over positions: passages in ranking order, those that were not retrieved behind. */
export interface PreferenceGroup extends GroupCounts {
  /** 1 at `[i × size + j]` where position i is preferred to position j. */
  readonly prefers: Uint8Array;
  /** Level at each position, −1 where the group does not judge it. */
  readonly levels: Float64Array;
  /** Subgroups make the preferences partial. */
  readonly partial: boolean;
}

/** What preference measures see of a query. */
export interface PreferenceView {
  readonly groups: readonly PreferenceGroup[];
  /** Judged passages, and how many of them were retrieved: these have the first positions. */
  readonly size: number;
  readonly retrieved: number;
}

/**
 * Reads preferences (`-R prefs`): `qid group subgroup pid level`, or plain qrels as preferences (`-R qrels_prefs`), whose second
 * column is the group.
 *
 * @throws {LatebenchError} with the line number for anything else
 */
export function readPreferences(file: string, format: "prefs" | "qrels_prefs"): Judgements<PreferenceView> {
  const width = format === "prefs" ? 5 : 4;
  const queries = new Map<string, Preference[]>();
  for (const { number, text } of readLines(file)) {
    if (text.trim() === "") continue;
    const columns = text.trim().split(/\s+/);
    const level = Number(columns.at(-1));
    if (columns.length !== width || !Number.isFinite(level)) {
      const expected = format === "prefs" ? "qid, group, subgroup, pid, level" : "qid, group, pid, level";
      throw badInput({ file, line: number }, quote(text), expected);
    }
    const subgroup = format === "prefs" ? columns[2] : "0";
    if (!queries.has(columns[0])) queries.set(columns[0], []);
    queries.get(columns[0])!.push({ group: columns[1], subgroup, id: columns[width - 2], level });
  }
  return {
    queries: [...queries.keys()],
    view: (qid, ranking, { version, maxRetrieved }) =>
      viewOf(queries.get(qid)!, ranking, version === 9 ? Math.fround : (score) => score, maxRetrieved),
    relevant: (qid) => queries.get(qid)!.filter(({ level }) => level > 0).length,
  };
}

function viewOf(
  preferences: readonly Preference[],
  ranking: readonly RankedPassage[],
  precision: (score: number) => number,
  depth: number,
): PreferenceView {
  const judged = new Set(preferences.map(({ id }) => id));
  // Ties go by id ascending here, unlike everywhere else in trec_eval.
  const ordered = [...ranking].sort((a, b) => precision(b.score) - precision(a.score) || compareBytes(a.id, b.id));
  const found = ordered.slice(0, depth).map(({ id }) => id).filter((id) => judged.has(id));
  const foundSet = new Set(found);
  const others = [...judged].filter((id) => !foundSet.has(id)).sort(compareBytes);
  const positions = new Map([...found, ...others].map((id, position) => [id, position]));
  const names = [...new Set(preferences.map(({ group }) => group))].sort(compareBytes);
  const groups = names.map((name) =>
    groupOf(preferences.filter(({ group }) => group === name), positions, found.length)
  );
  return { groups, size: positions.size, retrieved: found.length };
}

function groupOf(
  preferences: readonly Preference[],
  positions: ReadonlyMap<string, number>,
  retrieved: number,
): PreferenceGroup {
  const size = positions.size;
  const prefers = new Uint8Array(size * size);
  const levels = new Float64Array(size).fill(-1);
  const subgroups = new Map<string, Preference[]>();
  for (const preference of preferences) {
    levels[positions.get(preference.id)!] = preference.level;
    if (!subgroups.has(preference.subgroup)) subgroups.set(preference.subgroup, []);
    subgroups.get(preference.subgroup)!.push(preference);
  }
  for (const members of subgroups.values()) {
    for (const better of members) {
      for (const worse of members) {
        if (better.level > worse.level) prefers[positions.get(better.id)! * size + positions.get(worse.id)!] = 1;
      }
    }
  }
  const partial = subgroups.size > 1;
  if (partial) closeTransitively(prefers, size);
  return { prefers, levels, partial, ...countKept(prefers, size, retrieved) };
}

/** Warshall's algorithm: a over b and b over c make a over c. */
function closeTransitively(prefers: Uint8Array, size: number): void {
  for (let via = 0; via < size; via++) {
    for (let from = 0; from < size; from++) {
      if (!prefers[from * size + via]) continue;
      for (let to = 0; to < size; to++) if (prefers[via * size + to]) prefers[from * size + to] = 1;
    }
  }
}

/**
 * Counts preferences by what was retrieved of each pair. A preference is kept where the better passage comes first, or alone.
 *
 * @param counts whether a position takes part
 */
export function countKept(
  prefers: Uint8Array,
  size: number,
  retrieved: number,
  counts: (position: number) => boolean = () => true,
): GroupCounts {
  let [keptRetrieved, possibleRetrieved, keptImplied, possibleImplied, notRetrieved] = [0, 0, 0, 0, 0];
  for (let better = 0; better < size; better++) {
    if (!counts(better)) continue;
    for (let worse = 0; worse < size; worse++) {
      if (!prefers[better * size + worse] || !counts(worse)) continue;
      const kept = better < worse ? 1 : 0;
      if (better < retrieved && worse < retrieved) {
        possibleRetrieved++;
        keptRetrieved += kept;
      } else if (better < retrieved || worse < retrieved) {
        possibleImplied++;
        keptImplied += kept;
      } else notRetrieved++;
    }
  }
  return { keptRetrieved, possibleRetrieved, keptImplied, possibleImplied, notRetrieved };
}
