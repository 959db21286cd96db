import type { Qrels } from "../../../datasets/dataset.ts";
import { FaultLog } from "../../../datasets/formats/runs/faults.ts";
import { readRankings } from "../../../datasets/formats/runs/read.ts";
import { badInput } from "../../../support/errors.ts";
import { type Finding, share, some } from "./finding.ts";
import { mistakenQrels } from "./known_qrels.ts";
import { type QueryFacts, queryFacts } from "./query_facts.ts";

/** What a run is held against. */
export interface LintOptions {
  readonly qrels: Qrels | null;
  /** Queries that may be ranked without judgements. */
  readonly queries: ReadonlySet<string> | null;
  readonly cutoffs: readonly number[];
}

/** What lint found, and how many passages the queries have. */
export interface LintReport {
  readonly queries: number;
  readonly rows: number;
  readonly findings: readonly Finding[];
  readonly depths: readonly { readonly from: number; readonly to: number; readonly queries: number }[];
}

/** Looks a run file over: what would be an error in evaluation, and what evaluation would pass over in silence. */
export function lintRun(file: string, { qrels, queries, cutoffs }: LintOptions): LintReport {
  const faults = new FaultLog();
  const byQuery = new Map<string, QueryFacts>();
  let scattered = false;
  for (const rows of readRankings(file, { faults })) {
    scattered ||= byQuery.has(rows.qid);
    byQuery.set(rows.qid, queryFacts(rows, qrels?.get(rows.qid), cutoffs));
  }
  const facts = [...byQuery.values()];
  const findings: Finding[] = faults.counts().map(({ kind, count, first }) => {
    const { message } = badInput(first.place, first.found, first.expected);
    return { level: "error", check: kind, count, message };
  });
  const add = (level: Finding["level"], check: string, count: number, message: string) => {
    if (count > 0) findings.push({ level, check, count, message });
  };
  const where = ({ qid, line }: QueryFacts) => line > 0 ? `query ${qid}, line ${line}` : `query ${qid}`;
  const addQueries = (level: Finding["level"], check: string, found: readonly QueryFacts[], what: string) => {
    add(
      level,
      check,
      found.length,
      found.length === 0
        ? ""
        : `${share(found.length, facts.length, "queries")} ${what}; the first: ${where(found[0])}`,
    );
  };

  if (qrels) addTopics(qrels, byQuery, queries, add);
  for (const k of cutoffs) {
    const tied = facts.filter(({ tiedAt }) => tiedAt.includes(k));
    addQueries("warning", `tie at ${k}`, tied, `have equal scores on both sides of rank ${k}: the tie rule decides`);
    const rounded = facts.filter((query) => query.tiedAtFloat32.includes(k) && !query.tiedAt.includes(k));
    addQueries(
      "warning",
      `float32 tie at ${k}`,
      rounded,
      `tie at rank ${k} for trec_eval 9 alone, which rounds scores to float32`,
    );
  }
  addQueries("warning", "constant scores", facts.filter(({ constant }) => constant), "give all passages one score");
  const collisions = facts.filter(({ collision }) => collision !== null);
  addQueries(
    "error",
    "colliding ids",
    collisions,
    `rank ids that are one number, such as ${collisions[0]?.collision?.join(" and ")}`,
  );
  addQueries(
    "note",
    "passage id = query id",
    facts.filter(({ ranksItself }) => ranksItself),
    "rank a passage with the query's own id, which BEIR's evaluation drops",
  );
  const deepest = facts.reduce((most, { depth }) => Math.max(most, depth), 0);
  addQueries(
    "note",
    "short rankings",
    facts.filter(({ depth }) => depth < deepest),
    `rank fewer passages than the most, ${deepest}`,
  );
  add("note", "scattered rows", scattered ? 1 : 0, "the rows are not grouped by query");
  addJudged(facts, add);
  return {
    queries: facts.length,
    rows: facts.reduce((sum, { depth }) => sum + depth, 0),
    findings,
    depths: depthHistogram(facts),
  };
}

type Add = (level: Finding["level"], check: string, count: number, message: string) => void;

function addTopics(
  qrels: Qrels,
  ranked: ReadonlyMap<string, QueryFacts>,
  queries: ReadonlySet<string> | null,
  add: Add,
): void {
  const mistaken = mistakenQrels(qrels, ranked.size);
  if (mistaken) add("error", "wrong judgements", 1, mistaken);
  const missing = [...qrels.keys()].filter((qid) => !ranked.has(qid));
  add(
    "warning",
    "missing topics",
    missing.length,
    `${share(missing.length, qrels.size, "judged queries")} are not ranked and count 0: ${some(missing)}`,
  );
  const extra = [...ranked.keys()].filter((qid) => !qrels.has(qid));
  const unknown = queries ? extra.filter((qid) => !queries.has(qid)) : extra;
  add(
    "warning",
    "extra topics",
    unknown.length,
    `${share(unknown.length, ranked.size, "ranked queries")} have no judgements${
      queries ? " and are not among the queries" : ""
    }: ${some(unknown)}`,
  );
}

function addJudged(facts: readonly QueryFacts[], add: Add): void {
  const judged = facts.flatMap(({ judgedInTen, depth }) =>
    judgedInTen === null ? [] : [{ judgedInTen, places: Math.min(10, depth) }]
  );
  const places = judged.reduce((sum, query) => sum + query.places, 0);
  const unjudged = places - judged.reduce((sum, query) => sum + query.judgedInTen, 0);
  add(
    "note",
    "unjudged passages",
    unjudged,
    `${
      share(unjudged, places, "places among the first ten")
    } hold passages without judgements, which count as not relevant`,
  );
}

/** Queries by depth, in decades. */
function depthHistogram(facts: readonly QueryFacts[]): LintReport["depths"] {
  const counts = new Map<number, number>();
  for (const { depth } of facts) {
    const decade = 10 ** Math.floor(Math.log10(depth) + 1e-9);
    counts.set(decade, (counts.get(decade) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => a - b).map(([from, queries]) => ({ from, to: 10 * from - 1, queries }));
}
