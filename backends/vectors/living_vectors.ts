import { join } from "node:path";
import {
  type EmbeddingsHeader,
  rowsFile,
  SHARD_PASSAGES,
  shardFile,
  type ShardInfo,
  writeHeader,
} from "../../encoders/embeddings/format.ts";
import { type Embeddings, type EmbeddingShard, readEmbeddings } from "../../encoders/embeddings/read.ts";
import { removeIfThere, writeAtomic, writeJson } from "../../support/atomic_write.ts";
import { badInput } from "../../support/errors.ts";
import { artefactKey, sha256 } from "../../support/hash.ts";
import { readFile } from "../../support/open_file.ts";
import type { BackendContext, UpdatedIndex } from "../backend.ts";
import {
  changeParts,
  dropLaterParts,
  idsOrNull,
  listParts,
  livePassages,
  type Part,
  type PartFiles,
} from "../living/parts.ts";
import { checkIds } from "../check_content.ts";
import { hasBit } from "../passage_bits.ts";
import type { Verification } from "./verify.ts";
import { checkEncoder, openVectors, VECTORS_FOLDER } from "./open_vectors.ts";

/** What a part of an index holds. */
interface VectorFiles extends PartFiles {
  readonly embeddings: Embeddings;
}

/** Vectors of one part of an index that may have been changed since it was built. */
export type VectorPart = VectorFiles & Part;

/** All vectors of an index that may have been changed since it was built. */
export interface LivingVectors {
  /** Of all parts, what is gone included. */
  readonly embeddings: Embeddings;
  readonly parts: readonly VectorPart[];
  /** Passage ids by number; null for passages that are gone. */
  readonly ids: readonly (string | null)[];
  /** How many passages there are. */
  readonly passages: number;
}

/**
 * Opens the vectors of an index, in all of its parts.
 *
 * @throws {LatebenchError} where they are not whole, or another encoder made them than makes the queries
 */
export function openLivingVectors(
  folder: string,
  context: Pick<BackendContext, "encoderHash"> & Verification,
): LivingVectors {
  const parts = listParts(folder, (own) => vectorFiles(openVectors(own, context)));
  const [{ embeddings: { header: { dim } } }] = parts;
  const other = parts.find(({ embeddings }) => embeddings.header.dim !== dim);
  if (other) throw badInput(other.folder, `vectors of ${other.embeddings.header.dim} dimensions`, `${dim}`);
  const ids = parts.flatMap(idsOrNull);
  if (parts.length > 1) checkIds(folder, ids);
  return {
    parts,
    embeddings: joinEmbeddings(parts.map(({ embeddings }) => embeddings)),
    ids,
    passages: countPassages(parts),
  };
}

/** Writes what else a part needs, from its vectors. */
type FinishPart = (part: string, embeddings: Embeddings) => void | Promise<void>;

/**
 * Changes the vectors of an index in place (`living/parts.ts`).
 *
 * @throws {LatebenchError} for ids that are there and should not be, or the reverse, and for vectors of another encoder
 */
export async function updateVectors(
  folder: string,
  added: Embeddings | undefined,
  removed: readonly string[],
  finish: FinishPart,
): Promise<UpdatedIndex> {
  const { parts } = openLivingVectors(folder, {});
  if (added) {
    const { encoder, encoder_hash } = parts[0].embeddings.header;
    checkEncoder(folder, { name: encoder.name, hash: encoder_hash }, added.header.encoder_hash);
  }
  const now = await changeParts<VectorFiles>(
    folder,
    parts,
    { removed, added: added?.ids ?? [] },
    async (own, merged) => {
      const embeddings = writeVectors(join(own, VECTORS_FOLDER), [...merged, { embeddings: added!, deleted: null }]);
      await finish(own, embeddings);
      return vectorFiles(embeddings);
    },
  );
  return { passages: countPassages(now), warnings: [] };
}

/** Writes the vectors of an index anew, as one part without what is gone. */
export async function compactVectors(folder: string, finish: FinishPart): Promise<UpdatedIndex> {
  const { parts, passages } = openLivingVectors(folder, {});
  const vectors = join(folder, VECTORS_FOLDER);
  const next = `${vectors}.next`;
  removeIfThere(next); // of whoever made the index
  writeVectors(next, parts);
  removeIfThere(vectors);
  Deno.renameSync(next, vectors);
  dropLaterParts(folder, parts);
  await finish(folder, readEmbeddings(vectors));
  return { passages, warnings: [] };
}

function vectorFiles(embeddings: Embeddings): VectorFiles {
  return { embeddings, passages: embeddings.ids.length, ids: () => embeddings.ids };
}

function countPassages(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => sum + livePassages(part), 0);
}

/** Writes the vectors of passages that are there into full shards of their own. */
export function writeVectors(folder: string, parts: readonly Pick<VectorPart, "embeddings" | "deleted">[]): Embeddings {
  const { header } = parts[parts.length - 1].embeddings;
  const totals = { passages: 0, tokens: 0, shards: 0 };
  let ids: string[] = [];
  let lengths: number[] = [];
  let rows: Uint8Array<ArrayBuffer>[] = [];
  const flush = () => {
    const all = new Uint8Array(rows.reduce((sum, { length }) => sum + length, 0));
    rows.reduce((at, one) => (all.set(one, at), at + one.length), 0);
    const info: ShardInfo = { ids, lengths, macs: null, rows_sha256: sha256(all) };
    writeAtomic(rowsFile(folder, totals.shards), all);
    writeJson(shardFile(folder, totals.shards), info);
    totals.shards++;
    totals.passages += ids.length;
    totals.tokens += all.length / header.dim / 2;
    [ids, lengths, rows] = [[], [], []];
  };
  for (const { embeddings, deleted } of parts) {
    for (const { file, first, passages, tokens, sha256: expected } of embeddings.shards) {
      const bytes = readFile(file);
      if (bytes.length !== tokens * header.dim * 2 || sha256(bytes) !== expected) {
        throw badInput(file, "other bytes than were written", `${tokens} rows of an index`);
      }
      let at = 0;
      for (let number = first; number < first + passages; number++) {
        const length = embeddings.lengths[number];
        const end = at + length * header.dim * 2;
        if (!deleted || !hasBit(deleted, number)) {
          ids.push(embeddings.ids[number]);
          lengths.push(length);
          rows.push(bytes.subarray(at, end));
        }
        at = end;
        if (ids.length === SHARD_PASSAGES) flush();
      }
    }
  }
  if (ids.length > 0 || totals.shards === 0) flush();
  const own: EmbeddingsHeader = {
    ...header,
    ...totals,
    collection_hash: artefactKey({ parts: parts.map(({ embeddings }) => embeddings.header.collection_hash) }),
    macs: null,
  };
  writeHeader(folder, own);
  return readEmbeddings(folder);
}

function joinEmbeddings(parts: readonly Embeddings[]): Embeddings {
  if (parts.length === 1) return parts[0];
  const total = (key: "passages" | "tokens" | "shards") => parts.reduce((sum, { header }) => sum + header[key], 0);
  const lengths = new Int32Array(total("passages"));
  const shards: EmbeddingShard[] = [];
  let first = 0;
  for (const part of parts) {
    lengths.set(part.lengths, first);
    for (const shard of part.shards) shards.push({ ...shard, first: first + shard.first });
    first += part.ids.length;
  }
  const [{ folder, header }] = parts;
  const totals = { passages: total("passages"), tokens: total("tokens"), shards: total("shards") };
  return { folder, header: { ...header, ...totals }, ids: parts.flatMap(({ ids }) => ids), lengths, shards };
}
