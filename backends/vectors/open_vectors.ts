import { join } from "node:path";
import { HEADER_FILE, shardFile } from "../../encoders/embeddings/format.ts";
import { badInput } from "../../support/errors.ts";
import { type Embeddings, readEmbeddings } from "../../encoders/embeddings/read.ts";
import type { BackendContext, BackendQuery } from "../backend.ts";
import { checkIds, sizeOfFile } from "../check_content.ts";
import type { Matrix } from "../../encoders/encoder.ts";
import { type Verification, verifyFiles } from "./verify.ts";

/** Name of the folder inside an index that holds the collection's embeddings. */
export const VECTORS_FOLDER = "vectors";

/**
 * Opens the embeddings of an index.
 *
 * @throws {LatebenchError} where they are not whole, or another encoder made them than makes the queries
 */
export function openVectors(
  folder: string,
  { encoderHash, ...verification }: Pick<BackendContext, "encoderHash"> & Verification,
): Embeddings {
  const vectors = join(folder, VECTORS_FOLDER);
  const embeddings = readEmbeddings(vectors);
  verifyIds(embeddings, verification);
  const { encoder, encoder_hash } = embeddings.header;
  checkEncoder(folder, { name: encoder.name, hash: encoder_hash }, encoderHash);
  return embeddings;
}

/** Checks the ids once for each state of the files that have them. */
function verifyIds({ folder, header, ids }: Embeddings, verification: Verification): void {
  // The header has the checksums of the shards' descriptions: while it stays the same, so do they.
  const shards = header.shard_sha256
    ? []
    : Array.from({ length: header.shards }, (_, shard) => shardFile(folder, shard));
  let checked = false;
  const check = () => {
    if (!checked) checkIds(folder, ids);
    checked = true;
  };
  const files = [join(folder, HEADER_FILE), ...shards];
  verifyFiles(files.map((file) => ({ file, bytes: sizeOfFile(file), sha256: null, check })), verification);
}

/**
 * Checks that the vectors of an index are of the encoder that makes the queries, where it is known.
 *
 * @throws {LatebenchError} where another one made them
 */
export function checkEncoder(
  folder: string,
  { name, hash }: { readonly name: string; readonly hash: string },
  inUse: string | undefined,
): void {
  if (inUse === undefined || inUse === hash) return;
  throw badInput(folder, `vectors of encoder ${name} (${hash})`, `vectors of the encoder in use (${inUse})`);
}

/** The vectors of a query; that they are there is the caller's duty. */
export function queryVectors(query: BackendQuery): Matrix {
  if (!query.matrix) throw new TypeError(`The query ${query.id} has no vectors`);
  return query.matrix;
}
