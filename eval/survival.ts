import type { BackendQuery, Index } from "../backends/backend.ts";
import type { Cell } from "./results/schema.ts";
import type { LoadedTopics } from "./topics.ts";

/**
 * How many of the judged relevant passages each stage of a search leaves: where a system loses them. Traced after everything was
 * timed; nothing for indexes that cannot tell.
 */
export async function measureSurvival(
  index: Index,
  { qrels }: LoadedTopics,
  queries: readonly BackendQuery[],
  k: number,
): Promise<Pick<Cell, "survival" | "relevant">> {
  if (!index.trace || qrels.size === 0) return { survival: null, relevant: null };
  const kept = new Map<string, number>();
  let relevant = 0;
  for (const query of queries) {
    const wanted = [...qrels.get(query.id) ?? []].filter(([, grade]) => grade > 0).map(([id]) => id);
    relevant += wanted.length;
    if (wanted.length === 0 || query.matrix?.rows === 0) continue;
    for (const { stages } of await index.trace(query, k, wanted)) {
      for (const stage of stages) kept.set(stage.name, (kept.get(stage.name) ?? 0) + (stage.kept ? 1 : 0));
    }
  }
  return { relevant, survival: [...kept].map(([stage, count]) => ({ stage, kept: count })) };
}
