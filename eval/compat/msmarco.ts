import { badInput, quote } from "../../support/errors.ts";
import { pythonRepr, readIntegers } from "./python.ts";

const SLOTS = 1000;
const DEPTH = 10;

/**
 * What the official `ms_marco_eval.py` (MSMARCO-Passage-Ranking) prints for two files, line for line, with all that is odd about
 * it: rankings are 1,000 slots filled by the rank column and otherwise with pid 0, which counts where 0 is relevant; of equal
 * ranks the last wins; rank 0 and negative ones count from the end; a duplicate is reported, wrongly at times, and scored
 * nevertheless; labels are not read, so that label 0 is relevant; ids are numbers.
 *
 * @throws {LatebenchError} where the script would raise: a line that is not as expected, a rank beyond 1,000, no common query
 */
export function msmarcoScript(qrels: string, run: string): string[] {
  const relevant = new Map<number, Set<number>>();
  for (const [[qid, pid]] of readIntegers(qrels, "\t", [0, 2], "qid, tab, 0, tab, pid, tab, label")) {
    if (!relevant.has(qid)) relevant.set(qid, new Set());
    relevant.get(qid)!.add(pid);
  }
  const rankings = new Map<number, Float64Array>();
  for (const [[qid, pid, rank], line] of readIntegers(run, "\t", [0, 1, 2], "qid, tab, pid, tab, rank")) {
    if (!rankings.has(qid)) rankings.set(qid, new Float64Array(SLOTS));
    const slot = rank - 1 < 0 ? rank - 1 + SLOTS : rank - 1;
    if (slot < 0 || slot >= SLOTS) {
      throw badInput({ file: run, line: line.number }, quote(line.text), `a rank up to ${SLOTS}`);
    }
    rankings.get(qid)![slot] = pid;
  }
  let sum = 0;
  let common = 0;
  for (const [qid, pids] of rankings) {
    const targets = relevant.get(qid);
    if (!targets) continue;
    common++;
    const first = pids.subarray(0, DEPTH).findIndex((pid) => targets.has(pid));
    if (first >= 0) sum += 1 / (first + 1);
  }
  if (common === 0) throw badInput(run, "no query of the judgements", "at least one");
  const message = duplicateMessage(rankings);
  return [
    ...message === null ? [] : [message],
    "#####################",
    `MRR @10: ${pythonRepr(sum / relevant.size)}`,
    `QueriesRanked: ${rankings.size}`,
    "#####################",
  ];
}

/** Of the last query with a duplicate; the pid is the first of a Python set of all that occur twice, padding (0) included. */
function duplicateMessage(rankings: ReadonlyMap<number, Float64Array>): string | null {
  let message: string | null = null;
  for (const [qid, pids] of rankings) {
    const counts = new Map<number, number>();
    for (const pid of pids) counts.set(pid, (counts.get(pid) ?? 0) + 1);
    const twice = [...counts].flatMap(([pid, count]) => count > 1 ? [pid] : []);
    if (twice.every((pid) => pid === 0)) continue;
    const pid = firstOfPythonSet(twice);
    message = `Cannot rank a passage multiple times for a single query. QID=${qid}, PID=${pid}`;
  }
  return message;
}

/**
 * The member that CPython's set of small non-negative ints yields first: the one in the lowest slot of its hash table
 * (`Objects/setobject.c`: 8 slots, four times the members from the fifth on, nine linear probes, then a perturbed jump).
 */
function firstOfPythonSet(members: readonly number[]): number {
  let table: (number | undefined)[] = Array(8).fill(undefined);
  let used = 0;
  for (const member of members) {
    table[freeSlot(table, member)] = member;
    used++;
    if (used * 5 < (table.length - 1) * 3) continue;
    let slots = 8;
    while (slots <= used * 4) slots *= 2;
    const larger: (number | undefined)[] = Array(slots).fill(undefined);
    for (const old of table) if (old !== undefined) larger[freeSlot(larger, old)] = old;
    table = larger;
  }
  return table.find((member) => member !== undefined)!;
}

function freeSlot(table: readonly (number | undefined)[], member: number): number {
  const mask = table.length - 1;
  let perturb = member;
  let slot = member & mask;
  for (;;) {
    const last = slot + 9 <= mask ? slot + 9 : slot;
    for (let probe = slot; probe <= last; probe++) if (table[probe] === undefined) return probe;
    perturb >>>= 5;
    slot = (slot * 5 + 1 + perturb) & mask;
  }
}
