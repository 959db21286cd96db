import { join } from "node:path";
import type { EncoderConfig } from "../../../encoders/config.ts";
import {
  FORMAT_VERSION,
  HEADER_FILE,
  rowsFile,
  SHARD_PASSAGES,
  shardFile,
  writeHeader,
} from "../../../encoders/embeddings/format.ts";
import { type Embeddings, readEmbeddings } from "../../../encoders/embeddings/read.ts";
import { writeFolderAtomic } from "../../../support/atomic_folder.ts";
import { writeJson } from "../../../support/atomic_write.ts";
import { badInput } from "../../../support/errors.ts";
import { artefactKey, sha256 } from "../../../support/hash.ts";
import { lockFolder } from "../../../support/lock.ts";
import { isFile } from "../../../support/paths.ts";
import { startProgress } from "../../../support/progress.ts";
import { openTensor } from "../../../support/torch/tensor_file.ts";
import { checkFinite, checkIds } from "../../check_content.ts";
import { checkEncoder } from "../../vectors/open_vectors.ts";
import type { V1Index } from "./index_folder.ts";

/**
 * The rows of a v1 index folder as embeddings that every backend reads, copied into the store once: the name holds the parts' sizes and
 * times.
 *
 * @param encoder what makes the queries; a folder that latebench wrote says whether it is the right one
 * @throws {LatebenchError} for another encoder, and for another number of columns
 */
export async function importV1Index(
  index: V1Index,
  encoder: { readonly config: EncoderConfig; readonly hash: string },
  { store, quiet }: { readonly store: string; readonly quiet: boolean },
): Promise<Embeddings> {
  const { dim, parts, ids, encoderHash } = index;
  if (encoder.config.dim !== dim) {
    throw badInput(
      index.folder,
      `vectors of ${dim} dimensions`,
      `${encoder.config.dim}, as encoder ${encoder.config.name} makes`,
    );
  }
  checkIds(index.folder, ids);
  if (encoderHash) checkEncoder(index.folder, { name: "of its metadata.json", hash: encoderHash }, encoder.hash);
  const key = artefactKey({
    version: FORMAT_VERSION,
    encoder: encoder.hash,
    ids: sha256(ids.join("\n")),
    parts: parts.map(({ rows, doclens }) => {
      const { size, mtime, ctime, ino } = Deno.statSync(rows.file);
      const state = [size, mtime?.getTime() ?? 0, ctime?.getTime() ?? 0, ino];
      return [rows.file, ...state, sha256(JSON.stringify(doclens))];
    }),
  });
  const folder = join(store, "embeddings", `v1-${key}`);
  using _lock = await lockFolder(folder);
  if (isFile(join(folder, HEADER_FILE))) return readEmbeddings(folder);
  const progress = startProgress(`read ${index.folder}`, ids.length, "passages", { quiet });
  await writeFolderAtomic(folder, (temporary) => {
    let passages = 0;
    let tokens = 0;
    let shards = 0;
    for (const { rows, doclens } of parts) {
      using tensor = openTensor(rows);
      for (let from = 0; from < doclens.length; from += SHARD_PASSAGES) {
        const lengths = doclens.slice(from, from + SHARD_PASSAGES);
        const own = lengths.reduce((sum, length) => sum + length, 0);
        const content = tensor.read(2 * dim * own);
        checkFinite(rows.file, new Float16Array(content.buffer));
        Deno.writeFileSync(rowsFile(temporary, shards), content);
        const named = ids.slice(passages, passages + lengths.length);
        writeJson(shardFile(temporary, shards++), { ids: named, lengths, macs: null, rows_sha256: sha256(content) });
        tokens += own;
        progress.update(passages += lengths.length);
      }
    }
    writeHeader(temporary, {
      format: "latebench-embeddings",
      version: FORMAT_VERSION,
      dataset: "v1",
      collection_hash: key,
      encoder: encoder.config,
      encoder_hash: encoder.hash,
      dim,
      passages,
      tokens,
      shards,
      macs: null,
      encoded_passages: 0,
      seconds: 0,
    });
    return Promise.resolve();
  }, { kind: "store entry" });
  progress.stop();
  return readEmbeddings(folder);
}
