import { join } from "node:path";
import { checkCollection } from "../../datasets/check_collection.ts";
import { type Dataset, passageText } from "../../datasets/dataset.ts";
import { writeAtomic, writeJson } from "../../support/atomic_write.ts";
import { artefactKey, sha256 } from "../../support/hash.ts";
import { lockFolder } from "../../support/lock.ts";
import { makeOwnedFolder, type TargetRules } from "../../support/owned_folder.ts";
import { isFile } from "../../support/paths.ts";
import { type HeldFolder, holdFolder, holdWhole } from "../../support/shared_folder.ts";
import { startProgress } from "../../support/progress.ts";
import type { Encoder } from "../encoder.ts";
import { addMacs, type Macs, NO_MACS } from "../flops/macs.ts";
import {
  type EmbeddingsHeader,
  FORMAT_VERSION,
  HEADER_FILE,
  readHeader,
  readShard,
  rowsFile,
  SHARD_PASSAGES,
  shardFile,
  type ShardInfo,
  writeHeader,
} from "./format.ts";

/** Embeddings of an earlier latebench have no marker. */
export const EMBEDDINGS: TargetRules = {
  kind: "store entry",
  recognises: (folder) => isFile(join(folder, HEADER_FILE)) || isFile(shardFile(folder, 0)),
};

/** Where the embeddings of a collection are kept: the name holds a hash of collection, encoder and format. */
export function embeddingsFolder(store: string, dataset: Dataset, encoder: Encoder): string {
  const key = artefactKey({ collection: dataset.contentHash(), encoder: encoder.hash, version: FORMAT_VERSION });
  return join(store, "embeddings", `${dataset.name}-${key}`);
}

/**
 * Encodes a collection into `folder`, unless that was done. An interrupted start left whole shards: they are kept.
 *
 * @throws {LatebenchError} for errors of the collection (see its reader) and for a passage id that occurs twice
 */
export async function encodeCollection(
  dataset: Dataset,
  encoder: Encoder,
  folder: string,
  options: { readonly quiet: boolean },
): Promise<EmbeddingsHeader> {
  using _lock = await lockFolder(folder);
  return isWhole(folder) ? readHeader(folder) : await encode(dataset, encoder, folder, options);
}

/**
 * Encodes a collection as {@link encodeCollection} does, and keeps others from removing it until it is disposed of. It may lie under
 * another name, beside the one given.
 *
 * @param options `anew`: it is encoded even where that was done
 */
export function holdEmbeddings(
  dataset: Dataset,
  encoder: Encoder,
  folder: string,
  options: { readonly quiet: boolean; readonly anew?: boolean },
): Promise<HeldFolder> {
  const make = (own: string) => encode(dataset, encoder, own, options);
  return holdFolder(folder, { rules: EMBEDDINGS, isWhole, make, anew: options.anew });
}

/** Takes hold of embeddings that are there; null where there are none. */
export function holdEncoded(folder: string): Promise<HeldFolder | null> {
  return holdWhole(folder, { isWhole });
}

function isWhole(folder: string): boolean {
  return isFile(join(folder, HEADER_FILE));
}

/** Encodes a collection into a folder that is locked. */
async function encode(
  dataset: Dataset,
  encoder: Encoder,
  folder: string,
  options: { readonly quiet: boolean },
): Promise<EmbeddingsHeader> {
  makeOwnedFolder(folder, EMBEDDINGS);
  const { passages: total } = checkCollection(dataset);
  const done = countWholeShards(folder, encoder.config.dim);
  const label = `encode ${dataset.name}`;
  const progress = startProgress(label, total, "passages", options, Math.min(total, done * SHARD_PASSAGES));
  const totals = { passages: 0, tokens: 0, shards: 0, macs: NO_MACS as Macs | null };
  const started = performance.now();
  try {
    for (const batch of shardsOf(dataset)) {
      const { ids, texts } = batch;
      const info = totals.shards < done
        ? readShard(folder, totals.shards, encoder.config.dim)
        : await encodeShard(folder, totals.shards, encoder, ids, texts, (n) => progress.update(totals.passages + n));
      totals.shards++;
      totals.passages += ids.length;
      totals.tokens += info.lengths.reduce((sum, length) => sum + length, 0);
      totals.macs &&= info.macs && addMacs(totals.macs, info.macs);
      progress.update(totals.passages);
    }
  } finally {
    progress.stop();
  }
  const header: EmbeddingsHeader = {
    format: "latebench-embeddings",
    version: FORMAT_VERSION,
    dataset: dataset.name,
    collection_hash: dataset.contentHash(),
    encoder: encoder.config,
    encoder_hash: encoder.hash,
    dim: encoder.config.dim,
    ...totals,
    encoded_passages: Math.max(0, totals.passages - done * SHARD_PASSAGES),
    seconds: (performance.now() - started) / 1000,
  };
  writeHeader(folder, header);
  return header;
}

async function encodeShard(
  folder: string,
  shard: number,
  encoder: Encoder,
  ids: string[],
  texts: readonly string[],
  onProgress: (done: number) => void,
): Promise<ShardInfo> {
  const { rows, lengths, macs } = await encoder.encodePassages(texts, onProgress);
  const bytes = new Uint8Array(rows.buffer);
  const info: ShardInfo = { ids, lengths: [...lengths], macs, rows_sha256: sha256(bytes) };
  writeAtomic(rowsFile(folder, shard), bytes);
  writeJson(shardFile(folder, shard), info);
  return info;
}

function countWholeShards(folder: string, dim: number): number {
  let shard = 0;
  for (; isFile(shardFile(folder, shard)); shard++) readShard(folder, shard, dim);
  return shard;
}

function* shardsOf(dataset: Dataset): Generator<{ ids: string[]; texts: string[] }> {
  let ids: string[] = [];
  let texts: string[] = [];
  for (const passage of dataset.passages()) {
    ids.push(passage.id);
    texts.push(passageText(passage));
    if (ids.length < SHARD_PASSAGES) continue;
    yield { ids, texts };
    ids = [];
    texts = [];
  }
  if (ids.length > 0) yield { ids, texts };
}
