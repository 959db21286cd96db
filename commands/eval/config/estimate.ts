import type { Dataset, Passage } from "../../../datasets/dataset.ts";
import { prepareQueries } from "../../../eval/harness.ts";
import { loadTopics } from "../../../eval/topics.ts";
import { artefactKey } from "../../../support/hash.ts";
import { openArtefacts } from "../artefacts.ts";
import type { EvaluateOptions } from "../evaluate.ts";
import { openSetup, usesEncoder } from "../setup.ts";
import type { PlannedCell } from "./plan.ts";

/** What a cell will take, by what a small part of its collection took. */
export interface CellEstimate {
  /** Encoding the collection, s: once for all systems of a data set and encoder; 0 for lexical ones. */
  readonly encodeSeconds: number;
  readonly buildSeconds: number;
  readonly searchSeconds: number;
  /** Bytes of the index; hard links to embeddings count each time. */
  readonly diskBytes: number;
}

/** Passages of the part that is measured. */
export const PASSAGES = 256;

/** Queries that are searched in it. */
const QUERIES = 5;

/**
 * Estimates one cell: builds and searches it over the first passages of its collection, in a store that is thrown away, and
 * extrapolates in proportion. Indexes whose search time grows more slowly than the collection take less.
 */
export async function estimateCell(
  { encoder, system }: PlannedCell,
  dataset: Dataset,
  options: EvaluateOptions,
): Promise<CellEstimate> {
  const store = await Deno.makeTempDir({ prefix: "latebench-estimate-" });
  try {
    const { part, factor } = beginningOf(dataset);
    const context = { ...options, encoder: encoder ?? options.encoder, quiet: true };
    await using setup = await openSetup([system], context);
    const artefacts = openArtefacts(part, setup.encoder, { ...setup.context, store }, { ...context, store });
    const { folder, build } = await artefacts.build(system);
    const seconds = artefacts.embeddingsHeader()?.seconds ?? 0;
    await using index = await system.backend.open(folder, system.options, setup.context);
    const loaded = dataset.topics.map((topics) => loadTopics(dataset, topics));
    const few = { ...loaded[0], queries: loaded[0].queries.slice(0, QUERIES) };
    const { queries } = await prepareQueries(few, setup.encoder, "off");
    const started = performance.now();
    for (const query of queries) await index.search(query, options.k);
    const search = (performance.now() - started) / 1000 / Math.max(queries.length, 1);
    const all = loaded.reduce((sum, { queries }) => sum + queries.length, 0);
    const bytes = index.footprint().files.reduce((sum, file) => sum + file.bytes, 0);
    return {
      encodeSeconds: usesEncoder(system) ? factor * seconds : 0,
      buildSeconds: factor * build.seconds,
      searchSeconds: factor * search * all * (options.latency === "off" ? 1 : 2),
      diskBytes: factor * bytes,
    };
  } finally {
    await Deno.remove(store, { recursive: true });
  }
}

/** The first passages as a collection of its own, and how many times as large the whole is. */
function beginningOf(dataset: Dataset): { readonly part: Dataset; readonly factor: number } {
  const first: Passage[] = [];
  let passages = 0;
  for (const passage of dataset.passages()) {
    if (passages++ < PASSAGES) first.push(passage);
  }
  const contentHash = () => artefactKey({ beginningOf: dataset.contentHash(), PASSAGES });
  return { part: { ...dataset, passages: () => first, contentHash }, factor: passages / Math.max(first.length, 1) };
}
