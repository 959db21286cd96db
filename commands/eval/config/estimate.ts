import type { Dataset, Passage } from "../../../datasets/dataset.ts";
import { prepareQueries } from "../../../eval/harness.ts";
import { type LoadedTopics, loadTopics } from "../../../eval/topics.ts";
import { artefactKey } from "../../../support/hash.ts";
import { openArtefacts } from "../artefacts.ts";
import type { EvaluateOptions } from "../evaluate.ts";
import { openSetup, usesEncoder } from "../setup.ts";
import type { PlannedCell } from "./plan.ts";
import { makeTemporaryFolder } from "../../../support/temporary_folder.ts";

/** What a cell will take, by what a small part of its collection took. */
export interface CellEstimate {
  readonly cell: PlannedCell;
  /** Encoding the collection, s: counted with the first cell of a data set and encoder. */
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

/** The first passages of a data set as a collection of its own. */
interface Beginning {
  readonly part: Dataset;
  /** How many times as large the whole is. */
  readonly factor: number;
  readonly topics: readonly LoadedTopics[];
}

/**
 * Estimates cells, one after the other: builds and searches each over the first passages of its collection, in a store that is
 * thrown away, and extrapolates in proportion. Indexes whose search time grows more slowly than the collection take less.
 *
 * @param open opens a data set
 */
export async function* estimateCells(
  cells: readonly PlannedCell[],
  open: (dataset: string) => Dataset,
  options: EvaluateOptions,
): AsyncGenerator<CellEstimate> {
  const store = await makeTemporaryFolder("latebench-estimate-");
  const beginnings = new Map<string, Beginning>();
  const encoded = new Set<string>();
  try {
    for (const cell of cells) {
      const { dataset, encoder } = cell;
      if (!beginnings.has(dataset)) beginnings.set(dataset, beginningOf(open(dataset)));
      const estimate = await estimateCell(cell, beginnings.get(dataset)!, store, options);
      const key = JSON.stringify([dataset, encoder]);
      yield { ...estimate, encodeSeconds: encoded.has(key) ? 0 : estimate.encodeSeconds };
      encoded.add(key);
    }
  } finally {
    await Deno.remove(store, { recursive: true });
  }
}

async function estimateCell(
  cell: PlannedCell,
  { part, factor, topics }: Beginning,
  store: string,
  options: EvaluateOptions,
): Promise<CellEstimate> {
  const { encoder, system } = cell;
  await using setup = await openSetup([system], { ...options, encoder: encoder ?? options.encoder, quiet: true });
  using artefacts = openArtefacts(part, setup.encoder, setup.context, { store, force: false, quiet: true });
  const { folder, build } = await artefacts.build(system);
  await using index = await system.backend.open(folder, system.options, setup.context);
  const few = { ...topics[0], queries: topics[0].queries.slice(0, QUERIES) };
  const { queries } = await prepareQueries(few, setup.encoder, "off");
  const started = performance.now();
  for (const query of queries) await index.search(query, options.k);
  const search = (performance.now() - started) / 1000 / Math.max(queries.length, 1);
  const all = topics.reduce((sum, { queries }) => sum + queries.length, 0);
  const bytes = index.footprint().files.reduce((sum, file) => sum + file.bytes, 0);
  return {
    cell,
    encodeSeconds: usesEncoder(system) ? factor * (artefacts.embeddingsHeader()?.seconds ?? 0) : 0,
    buildSeconds: factor * build.seconds,
    searchSeconds: factor * search * all * (options.latency === "off" ? 1 : 2),
    diskBytes: factor * bytes,
  };
}

function beginningOf(dataset: Dataset): Beginning {
  const first: Passage[] = [];
  let passages = 0;
  for (const passage of dataset.passages()) {
    if (passages++ < PASSAGES) first.push(passage);
  }
  const contentHash = () => artefactKey({ beginningOf: dataset.contentHash(), PASSAGES });
  return {
    part: { ...dataset, passages: () => first, contentHash },
    factor: passages / Math.max(first.length, 1),
    topics: dataset.topics.map((topics) => loadTopics(dataset, topics)),
  };
}
