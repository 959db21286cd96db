import type { BackendQuery, Index } from "../backends/backend.ts";
import type { Run } from "../datasets/dataset.ts";
import type { Cell } from "./results/schema.ts";
import type { LoadedTopics } from "./topics.ts";

/** Depths of exhaustive search's rankings that are looked for. */
const DEPTHS = [10, 100, 1000] as const;

/** What the stages of a search leave. */
type Survival = Pick<Cell, "survival" | "relevant" | "candidate_recall">;

/**
 * What each stage of a search leaves: of the judged relevant passages, and of exhaustive search's best ones. The first stage's share
 * of those is the recall of candidate generation, before anything is ranked. Traced after everything was timed; nothing for indexes
 * that cannot tell.
 *
 * @param exhaustive exhaustive search's rankings, where they are known
 * @param onQuery is told how many queries are done
 */
export async function measureSurvival(
  index: Index,
  { qrels }: LoadedTopics,
  queries: readonly BackendQuery[],
  k: number,
  exhaustive: Run | null,
  onQuery: (done: number) => void = () => {},
): Promise<Survival> {
  if (!index.trace || (qrels.size === 0 && !exhaustive)) {
    return { survival: null, relevant: null, candidate_recall: null };
  }
  const kept = new Map<string, number>();
  const shares = new Map<string, { readonly stage: string; readonly depth: number; sum: number }>();
  let relevant = 0;
  let compared = 0;
  for (const [q, query] of queries.entries()) {
    onQuery(q);
    const wanted = new Set([...qrels.get(query.id) ?? []].filter(([, grade]) => grade > 0).map(([id]) => id));
    const best = exhaustive?.get(query.id)?.map(({ id }) => id) ?? [];
    relevant += wanted.size;
    if (best.length > 0) compared++;
    if (query.matrix?.rows === 0 || wanted.size + best.length === 0) continue;
    const ranks = new Map(best.map((id, i) => [id, i]));
    const hits = new Map<string, number>(); // whole numbers, so that a share of all is exactly 1
    for (const { id, stages } of await index.trace(query, k, [...new Set([...wanted, ...best])])) {
      for (const stage of stages) {
        if (wanted.has(id)) kept.set(stage.name, (kept.get(stage.name) ?? 0) + (stage.kept ? 1 : 0));
        for (const depth of DEPTHS) {
          const rank = ranks.get(id);
          if (depth > k || rank === undefined) continue;
          const key = `${stage.name} ${depth}`;
          if (!shares.has(key)) shares.set(key, { stage: stage.name, depth, sum: 0 });
          if (stage.kept && rank < depth) hits.set(key, (hits.get(key) ?? 0) + 1);
        }
      }
    }
    for (const [key, count] of hits) {
      const share = shares.get(key)!;
      share.sum += count / Math.min(share.depth, best.length);
    }
  }
  return {
    relevant: qrels.size > 0 ? relevant : null,
    survival: qrels.size > 0 ? [...kept].map(([stage, count]) => ({ stage, kept: count })) : null,
    candidate_recall: exhaustive &&
      [...shares.values()].map(({ stage, depth, sum }) => ({ stage, depth, recall: sum / compared })),
  };
}
