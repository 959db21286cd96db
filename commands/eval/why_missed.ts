import type { Index } from "../../backends/backend.ts";
import type { ParsedSpec } from "../../backends/spec.ts";
import type { Dataset } from "../../datasets/dataset.ts";
import type { Encoder } from "../../encoders/encoder.ts";
import { prepareQueries } from "../../eval/harness.ts";
import { loadTopics } from "../../eval/topics.ts";
import { badInput, quote } from "../../support/errors.ts";
import { renderTrace } from "../explanation.ts";

/** A query and a passage that should have been found. */
export interface Missed {
  readonly qid: string;
  readonly pid: string;
}

/**
 * Tells in words through which stage of a system a passage was lost for a query, and by how much; for systems without stages, at
 * which rank it is.
 *
 * @throws {LatebenchError} for a query that no topic set has, and for an unknown passage
 */
export async function explainMissed(
  dataset: Dataset,
  { label }: ParsedSpec,
  index: Index,
  encoder: Encoder | null,
  k: number,
  { qid, pid }: Missed,
): Promise<string> {
  const sets = dataset.topics.map((topics) => loadTopics(dataset, topics));
  const loaded = sets.find(({ queries }) => queries.some(({ id }) => id === qid));
  if (!loaded) throw badInput(dataset.name, `no query ${quote(qid)}`, `one of its judged queries`);
  const one = { ...loaded, queries: loaded.queries.filter(({ id }) => id === qid) };
  const { queries: [query] } = await prepareQueries(one, encoder, "off");
  const grade = loaded.qrels.get(qid)?.get(pid);
  const head = `${dataset.name}/${loaded.topics.name}, ${label}, k ${k}, query ${qid} (${query.text}), ` +
    `judged ${grade ?? "not"}:`;
  const [trace] = await index.trace?.(query, k, [pid]) ?? [];
  if (trace) return `${head}\n${renderTrace(trace)}`;
  const { ids, scores } = await index.search(query, k);
  const { scores: [own = null] } = await index.rerank(query, [pid]);
  const rank = ids.indexOf(pid) + 1;
  const last = scores.length > 0 ? `; the last of ${ids.length} has ${scores[scores.length - 1].toFixed(4)}` : "";
  return `${head}\npassage ${pid}: ${rank > 0 ? `rank ${rank}` : "not found"}, score ${
    own?.toFixed(4) ?? "none"
  }${last}`;
}
