import { checkCollection, type CollectionCheck } from "../datasets/check_collection.ts";
import { type Dataset, type Qrels, type Query, type Run, type TopicSet, withoutOwnIds } from "../datasets/dataset.ts";
import { checkColumnId } from "../datasets/ids.ts";
import { badInput, quote } from "../support/errors.ts";
import { artefactKey } from "../support/hash.ts";
import { type Measure, parseMeasure } from "./metrics/measure.ts";

/** A topic set with everything that was read of it. */
export interface LoadedTopics {
  readonly topics: TopicSet;
  /** The judged queries, in the order of the judgements; all queries where there are no judgements. */
  readonly queries: readonly Query[];
  /** Queries without judgements. */
  readonly others: readonly Query[];
  readonly qrels: Qrels;
  /** The official measures. */
  readonly measures: readonly Measure[];
  readonly candidates?: Run;
  readonly hash: string;
}

/**
 * Reads a topic set.
 *
 * @throws {LatebenchError} for an unknown measure, a query id that is there twice, and where a judged query is not among the queries
 */
export function loadTopics(dataset: Dataset, topics: TopicSet): LoadedTopics {
  const where = `${dataset.name}/${topics.name}`;
  const all = new Map<string, Query>();
  for (const query of topics.queries()) {
    if (all.has(query.id)) throw badInput(where, `query ${quote(query.id)} twice`, "each query id once");
    all.set(query.id, query);
  }
  const qrels: Qrels = topics.qrels?.() ?? new Map();
  if (topics.qrels && qrels.size === 0) throw badInput(where, "no judgements", "at least one judged query");
  const queries = !topics.qrels ? [...all.values()] : [...qrels.keys()].map((qid) => {
    const query = all.get(qid);
    if (!query) {
      throw badInput(where, `judgements for query ${quote(qid)}, which is not among the queries`, "known ids");
    }
    return query;
  });
  const judgements = [...qrels].map(([qid, grades]) => [qid, [...grades]]);
  return {
    topics,
    queries,
    others: topics.qrels ? [...all.values()].filter(({ id }) => !qrels.has(id)) : [],
    qrels,
    measures: topics.qrels ? topics.measures.map(parseMeasure) : [],
    candidates: topics.ignoreIdenticalIds && topics.candidates
      ? withoutOwnIds(topics.candidates.read())
      : topics.candidates?.read(),
    hash: artefactKey({ judgements, queries, ...topics.ignoreIdenticalIds ? { ignoreIdenticalIds: true } : {} }),
  };
}

/**
 * Checks, before anything is measured, that every ranking can be written as a run file, whose columns blanks separate, and that every
 * relevant passage of the judgements is in the collection: one that is not could never be found, and would lower every score silently.
 * Passages judged not relevant may be missing.
 *
 * @throws {LatebenchError} as {@link checkCollection}; naming the first id with a blank, and the first relevant passage that is missing
 */
export function checkIds(dataset: Dataset, loaded: readonly LoadedTopics[]): CollectionCheck {
  const wanted = new Map<string, string>();
  for (const { topics, qrels } of loaded) {
    if (topics.allowMissingPassages) continue;
    for (const [qid, grades] of qrels) {
      for (const [pid, grade] of grades) {
        if (grade > 0) wanted.set(pid, `${dataset.name}/${topics.name}: query ${qid}`);
      }
    }
  }
  for (const { topics, queries } of loaded) {
    for (const { id } of queries) checkColumnId(id, `${dataset.name}/${topics.name}: query`);
  }
  const check = checkCollection(dataset, (id) => {
    checkColumnId(id, `${dataset.name}: passage`);
    wanted.delete(id);
  });
  for (const [pid, where] of wanted) {
    const found = `relevant passage ${quote(pid)}, which is not in the collection (${wanted.size} such)`;
    throw badInput(where, found, "known ids, or allow_missing_passages: true for these judgements in dataset.yaml");
  }
  return check;
}
