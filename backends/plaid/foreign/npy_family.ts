import { join } from "node:path";
import { z } from "zod";
import { badInput } from "../../../support/errors.ts";
import { readJson } from "../../../support/json.ts";
import { type NpyType, readNpy, readNpyHeader, type StoredArray } from "../../../support/npy.ts";
import { isFile } from "../../../support/paths.ts";
import { count, expectCounts, expectShape, keepJson, narrowIntegers, readDoclens, readIds } from "./files.ts";
import { checkCodebook, countListed, type ForeignChunk, type ForeignIndex } from "./foreign_index.ts";

const metadata = z.looseObject({
  num_chunks: count,
  nbits: z.int().min(1).max(8),
  num_partitions: count,
  num_embeddings: count,
  num_documents: count.optional(),
  next_plaid_compatible: z.boolean().optional(),
  binary: z.boolean().optional(),
  compress_only: z.boolean().optional(),
});
const chunkMetadata = z.looseObject({
  num_documents: count,
  num_embeddings: count,
  embedding_offset: count.optional(),
});

/**
 * Opens an index folder of fast-plaid or next-plaid: `.npy` files in chunks, or put together (`merged_codes.npy`), as fast-plaid leaves them.
 *
 * @throws {LatebenchError} for files that are missing or damaged, do not fit together, or hold vectors that are not in the index yet
 */
export function openNpyFamily(folder: string): ForeignIndex {
  const path = (name: string) => join(folder, name);
  const meta = readJson(path("metadata.json"), metadata, "the metadata of an index of fast-plaid or next-plaid");
  const { num_chunks, num_partitions, nbits } = meta;
  if (meta.binary || meta.compress_only) {
    throw badInput(path("metadata.json"), "signs or codes alone", "centroids and residuals");
  }
  if (isFile(path("buffer.npy"))) {
    throw badInput(path("buffer.npy"), "passages that wait for being indexed", "an index without such");
  }
  const array = (name: string, types: readonly NpyType[], shape: readonly (number | null)[]) => {
    const stored = readNpyHeader(path(name));
    expectShape({ ...stored, kind: stored.type }, types, shape);
    return stored;
  };
  const floats = (name: string, shape: readonly (number | null)[]) => {
    const stored = array(name, ["<f4", "<f2"], shape);
    const { buffer } = readNpy(stored);
    return stored.type === "<f4" ? new Float32Array(buffer) : Float32Array.from(new Float16Array(buffer));
  };
  const centroids = array("centroids.npy", ["<f2", "<f4"], [num_partitions, null]);
  const dim = centroids.shape[1];
  const codebook = {
    format: centroids.type === "<f4" ? "next-plaid" : "fast-plaid",
    folder,
    dim,
    nbits,
    partitions: num_partitions,
    centroids: centroids.type === "<f4"
      ? new Float32Array(readNpy(centroids).buffer)
      : new Uint16Array(readNpy(centroids).buffer),
    cutoffs: floats("bucket_cutoffs.npy", [null]),
    weights: floats("bucket_weights.npy", [null]),
    averageResidual: floats("avg_residual.npy", [null]),
    tokens: meta.num_embeddings,
  } as const;
  const json = keepJson(folder, meta);
  const chunks: ForeignChunk[] = [];
  let [passages, tokens] = [0, 0];
  const width = dim * nbits / 8;
  for (let i = 0; i < num_chunks; i++) {
    const { doclens, tokens: own } = readDoclens(folder, i);
    const known = readJson(path(`${i}.metadata.json`), chunkMetadata, "the metadata of a chunk");
    json[`${i}.metadata.json`] = known;
    expectCounts(path(`${i}.metadata.json`), known, {
      num_documents: doclens.length,
      num_embeddings: own,
      embedding_offset: tokens,
    });
    const merged = !isFile(path(`${i}.codes.npy`));
    const codes = array(merged ? "merged_codes.npy" : `${i}.codes.npy`, ["<i8"], [merged ? null : own]);
    const residuals = array(merged ? "merged_residuals.npy" : `${i}.residuals.npy`, ["|u1"], [
      merged ? null : own,
      width,
    ]);
    const first = merged ? tokens : 0;
    for (const { file, shape } of merged ? [codes, residuals] : []) {
      if (shape[0] < first + own) throw badInput(file, `${shape[0]} rows`, `${first + own} or more`);
    }
    chunks.push(chunkOf(doclens, own, first, codes, residuals));
    passages += doclens.length;
    tokens += own;
  }
  const documents: Record<string, number> = meta.num_documents === 0 ? {} : { num_documents: passages }; // 0: not known
  expectCounts(path("metadata.json"), meta, { num_embeddings: tokens, ...documents });
  const index = { ...codebook, passages };
  checkCodebook(index);
  const lengths = new Int32Array(readNpy(array("ivf_lengths.npy", ["<i4"], [num_partitions])).buffer);
  const total = countListed(path("ivf_lengths.npy"), lengths);
  const listed = array("ivf.npy", ["<i8"], [total]);
  return {
    ...index,
    chunks,
    lists: { passages: narrowIntegers(listed.file, new BigInt64Array(readNpy(listed).buffer)), lengths },
    ids: readIds(folder, passages),
    kept: {
      json,
      ...isFile(path("cluster_threshold.npy")) ? { cluster_threshold: floats("cluster_threshold.npy", [1])[0] } : {},
    },
  };
}

function chunkOf(
  doclens: number[],
  tokens: number,
  first: number,
  codes: StoredArray,
  residuals: StoredArray,
): ForeignChunk {
  return {
    doclens,
    tokens,
    codes: () => narrowIntegers(codes.file, new BigInt64Array(readNpy(codes, first, tokens).buffer)),
    residuals: () => readNpy(residuals, first, tokens),
  };
}
