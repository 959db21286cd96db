import { join } from "node:path";
import { writeJson } from "../../../support/atomic_write.ts";
import { type NpyType, writeNpy } from "../../../support/npy.ts";
import { asFloats } from "../../vectors/rows.ts";
import { byteWeights } from "../index/codec.ts";
import type { ExportedIndex } from "./export_index.ts";

/** Tokens from which the bound of outliers is found, as many as these engines keep back from training. */
const HELDOUT = 50_000;

/** What fast-plaid says of how its files lie, which are written in chunks here. */
const LAYOUT = ["frozen", "mutable"];

/** Writes the folder of an index of fast-plaid or next-plaid, which they open as one of their own. */
export function writeNpyFamily(index: ExportedIndex, target: string, format: "fast-plaid" | "next-plaid"): void {
  const { header, nbits, centroids, chunks, lists, origin, passages, tokens } = index;
  const { dim, partitions, average_residual } = header;
  const array = (
    name: string,
    type: NpyType,
    shape: readonly number[],
    { buffer, byteOffset, byteLength }: ArrayBufferView,
  ) => {
    writeNpy(join(target, name), type, shape, [new Uint8Array(buffer, byteOffset, byteLength)]);
  };
  let number = 0;
  let threshold = origin?.kept.cluster_threshold;
  for (const { codes, residuals } of index.data()) {
    const { doclens, firstToken, tokens } = chunks[number];
    array(`${number}.codes.npy`, "<i8", [tokens], BigInt64Array.from(codes, BigInt));
    array(`${number}.residuals.npy`, "|u1", [tokens, dim * nbits / 8], residuals);
    Deno.writeTextFileSync(join(target, `doclens.${number}.json`), JSON.stringify(doclens));
    writeJson(
      join(target, `${number}.metadata.json`),
      origin?.kept.json[`${number}.metadata.json`] ?? {
        num_documents: doclens.length,
        num_embeddings: tokens,
        embedding_offset: firstToken,
      },
    );
    threshold ??= outlierBound(residuals, byteWeights({ nbits, weights: Float32Array.from(header.weights) }), dim);
    number++;
  }
  if (format === "next-plaid") {
    array("centroids.npy", "<f4", [partitions, dim], asFloats(centroids));
  } else {
    const halves = centroids instanceof Uint16Array ? centroids : new Float16Array(centroids);
    array("centroids.npy", "<f2", [partitions, dim], halves);
  }
  const residual = Float32Array.from(origin?.average_residual ?? new Array(dim).fill(average_residual));
  array("avg_residual.npy", "<f4", [residual.length], residual);
  array("bucket_cutoffs.npy", "<f4", [header.cutoffs.length], Float32Array.from(header.cutoffs));
  array("bucket_weights.npy", "<f4", [header.weights.length], Float32Array.from(header.weights));
  array("cluster_threshold.npy", "<f4", [1], Float32Array.of(threshold ?? 0));
  array("ivf.npy", "<i8", [lists.passages.length], BigInt64Array.from(lists.passages, BigInt));
  array("ivf_lengths.npy", "<i4", [partitions], lists.lengths);
  writeJson(join(target, "plan.json"), origin?.kept.json["plan.json"] ?? { nbits, num_chunks: chunks.length });
  const known = origin?.kept.json["metadata.json"] as Record<string, unknown> | undefined;
  writeJson(
    join(target, "metadata.json"),
    known ? Object.fromEntries(Object.entries(known).filter(([key]) => !LAYOUT.includes(key))) : {
      num_chunks: chunks.length,
      nbits,
      num_partitions: partitions,
      num_embeddings: tokens,
      avg_doclen: passages === 0 ? 0 : tokens / passages,
      num_documents: passages,
      ...format === "next-plaid"
        ? { embedding_dim: dim, next_plaid_compatible: true, binary: false }
        : { compress_only: false },
    },
  );
}

/** The third quartile of the residuals' lengths, as their buckets have them: what lies beyond is an outlier to these engines' updates. */
function outlierBound(residuals: Uint8Array, meaning: Float32Array, dim: number): number | undefined {
  const each = meaning.length / 256;
  const width = dim / each;
  const tokens = Math.min(HELDOUT, residuals.length / width);
  if (tokens === 0) return undefined;
  const lengths = Float32Array.from({ length: tokens }, (_, token) => {
    let squares = 0;
    for (let byte = token * width; byte < (token + 1) * width; byte++) {
      for (let i = 0; i < each; i++) squares += meaning[residuals[byte] * each + i] ** 2;
    }
    return Math.sqrt(squares);
  }).sort();
  return lengths[Math.floor(0.75 * (tokens - 1))];
}
