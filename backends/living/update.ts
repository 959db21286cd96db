import { createHash } from "node:crypto";
import type { Dataset } from "../../datasets/dataset.ts";
import {
  EMBEDDINGS,
  embeddingsFolder,
  holdEmbeddings,
  holdEncoded,
} from "../../encoders/embeddings/encode_collection.ts";
import { readEmbeddings } from "../../encoders/embeddings/read.ts";
import type { Encoder } from "../../encoders/encoder.ts";
import { removeIfThere } from "../../support/atomic_write.ts";
import { badInput, quote, usageError } from "../../support/errors.ts";
import { dropFolder } from "../../support/shared_folder.ts";
import type { Backend, BackendContext, BuildSource, UpdatedIndex } from "../backend.ts";
import { readIndexFile } from "../index_file.ts";
import { openPassageTexts } from "../passage_texts.ts";
import type { ParsedSpec } from "../spec.ts";
import { changeIndex } from "./change.ts";
import type { GenerationFolders } from "./manifest.ts";
import { openSnapshot } from "./snapshot.ts";
import { checkChange, compactTexts, liveIds, livePassages, updateTexts } from "./texts.ts";

/** What updates need of the program around them. */
export interface LivingSetup {
  /** The index's own. */
  readonly spec: ParsedSpec;
  readonly encoder: Encoder;
  readonly context: BackendContext;
}

/** What is to change in an index. */
export interface Update {
  /** Passages that come. */
  readonly added: Dataset | null;
  /** Whether passages that come take the place of those with the same id; else there must be none. */
  readonly replace: boolean;
  /** Ids of passages that go. */
  readonly removed: readonly string[];
}

/**
 * Changes an index that `deno task index` wrote: all of it or nothing. Passages are encoded before the index is touched; what an interrupted
 * start encoded is used by the next one with the same passages.
 *
 * @throws {LatebenchError} for ids that are there and should not be, or the reverse, and for a backend that cannot be updated
 */
export async function updateIndex(
  folder: string,
  { added, replace, removed }: Update,
  { spec, encoder, context }: LivingSetup,
): Promise<UpdatedIndex> {
  const { update } = updatable(spec);
  const ids = new Set(added ? Array.from(added.passages(), ({ id }) => id) : []);
  { // before anything is encoded
    using snapshot = openSnapshot(folder);
    checkWhole(snapshot, spec);
    if (!replace) checkChange(snapshot.texts, { ids, removed }); // else nothing can be refused
  }
  await using vectors = added && await encodeForUpdate(added, encoder, context);
  const source = added && sourceOf(added, vectors!.folder);
  return await changeIndex(folder, async ({ index, texts }) => {
    const going = await updateTexts(texts, { added: added?.passages() ?? [], ids, replace, removed });
    return await update(index, { added: source, removed: going }, spec.options, context);
  }, context);
}

/**
 * Writes an index anew without the traces of updates.
 *
 * @throws {LatebenchError} for a backend that cannot be updated
 */
export async function compactIndex(folder: string, { spec, context }: LivingSetup): Promise<UpdatedIndex> {
  const { compact } = updatable(spec);
  {
    using snapshot = openSnapshot(folder);
    checkWhole(snapshot, spec);
  }
  return await changeIndex(folder, ({ index, texts }) => {
    compactTexts(texts);
    return compact(index, spec.options, context);
  }, context);
}

/**
 * Builds an index anew from the texts that it holds: centroids are trained on what is there now.
 *
 * @throws {LatebenchError} for an index without texts, and one that holds another system's index
 */
export async function rebuildIndex(folder: string, { spec, encoder, context }: LivingSetup): Promise<UpdatedIndex> {
  return await changeIndex(folder, async ({ index, texts }, { dataset }) => {
    compactTexts(texts);
    for (const { id, text } of livePassages(texts)) {
      if (text === "") throw badInput(`passage ${quote(id)}`, "no text", "one to encode again");
    }
    const all = datasetOf(texts, dataset);
    await using vectors = await encodeForUpdate(all, encoder, context);
    removeIfThere(index);
    Deno.mkdirSync(index);
    const source = sourceOf(all, vectors.folder);
    await spec.backend.build(source, index, spec.options, context);
    await spec.backend.prepare?.(source, index, spec.options, context);
    return { passages: liveIds(texts).length, warnings: [] };
  }, context);
}

/**
 * An index that no search would open is not changed either.
 *
 * @throws {LatebenchError} for files that are missing or are not those that were written
 */
function checkWhole({ index, texts }: GenerationFolders, { backend }: ParsedSpec): void {
  readIndexFile(index, backend.name, backend.version);
  openPassageTexts(texts);
}

/**
 * The embeddings of passages that come: those of the store, where somebody has encoded the same ones to keep them; else others, which
 * go when nobody uses them any more. Equal updates at once share them.
 */
async function encodeForUpdate(
  passages: Dataset,
  encoder: Encoder,
  context: BackendContext,
): Promise<{ readonly folder: string } & AsyncDisposable> {
  const path = embeddingsFolder(context.store, passages, encoder);
  const kept = await holdEncoded(path);
  if (kept) {
    return { folder: kept.folder, [Symbol.asyncDispose]: () => Promise.resolve(kept[Symbol.dispose]()) };
  }
  const own = `${path}.update`;
  const held = await holdEmbeddings(passages, encoder, own, context);
  return {
    folder: held.folder,
    async [Symbol.asyncDispose]() {
      held[Symbol.dispose]();
      await dropFolder(own, { rules: EMBEDDINGS });
    },
  };
}

function updatable({ backend }: ParsedSpec): Required<Pick<Backend, "update" | "compact">> {
  const { update, compact } = backend;
  if (update && compact) return { update, compact };
  throw usageError(`${backend.name} indexes cannot be updated: index compact --rebuild, or build a new one`);
}

function sourceOf(dataset: Dataset, vectors: string): BuildSource {
  return {
    dataset,
    embeddings: () => Promise.resolve(readEmbeddings(vectors)),
    index: () => Promise.reject(usageError("an index over another one cannot be changed")),
  };
}

/** The passages of an index as a collection. */
function datasetOf(texts: string, name: string): Dataset {
  return {
    name,
    title: name,
    licence: "",
    topics: [],
    bm25: { k1: 0.9, b: 0.4 },
    passages: () => livePassages(texts),
    contentHash() {
      const hash = createHash("sha256");
      for (const { id, text } of livePassages(texts)) hash.update(JSON.stringify([id, text]));
      return hash.digest("hex");
    },
  };
}
