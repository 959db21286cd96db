import { join } from "node:path";
import { writeJson } from "../../../support/atomic_write.ts";
import { writeTensor, writeTensorTuple, type WrittenTensor } from "../../../support/torch/tensor_write.ts";
import type { ExportedIndex } from "./export_index.ts";

/** Writes the folder of an index of Stanford's ColBERT, which it opens as one of its own. */
export function writeStanford(index: ExportedIndex, target: string): void {
  const { header, nbits, centroids, chunks, lists, origin, passages, tokens } = index;
  const { dim, partitions, settings: { kmeans_niters }, average_residual } = header;
  const path = (name: string) => join(target, name);
  let number = 0;
  for (const { codes, residuals } of index.data()) {
    const { doclens, firstPassage, firstToken, tokens } = chunks[number];
    writeTensor(path(`${number}.codes.pt`), tensor("torch.IntStorage", [tokens], codes));
    writeTensor(path(`${number}.residuals.pt`), tensor("torch.ByteStorage", [tokens, dim * nbits / 8], residuals));
    Deno.writeTextFileSync(path(`doclens.${number}.json`), JSON.stringify(doclens));
    writeJson(
      path(`${number}.metadata.json`),
      origin?.kept.json[`${number}.metadata.json`] ?? {
        passage_offset: firstPassage,
        num_passages: doclens.length,
        num_embeddings: tokens,
        embedding_offset: firstToken,
      },
    );
    number++;
  }
  const halves = centroids instanceof Uint16Array ? centroids : new Float16Array(centroids);
  writeTensor(path("centroids.pt"), tensor("torch.HalfStorage", [partitions, dim], halves));
  const residual = Float32Array.from(origin?.average_residual ?? [average_residual]);
  writeTensor(path("avg_residual.pt"), tensor("torch.FloatStorage", origin?.kept.residual_shape ?? [], residual));
  const weights = Float32Array.from(header.weights);
  writeTensorTuple(path("buckets.pt"), [
    tensor("torch.FloatStorage", [header.cutoffs.length], Float32Array.from(header.cutoffs)),
    origin?.kept.half_weights
      ? tensor("torch.HalfStorage", [weights.length], new Float16Array(weights))
      : tensor("torch.FloatStorage", [weights.length], weights),
  ]);
  const padded = new Int32Array(lists.passages.length + paddingOf(lists.lengths, lists.passages.length));
  padded.set(lists.passages);
  writeTensorTuple(path("ivf.pid.pt"), [
    tensor("torch.IntStorage", [padded.length], padded),
    tensor("torch.LongStorage", [partitions], BigInt64Array.from(lists.lengths, BigInt)),
  ]);
  const config = { nbits, dim, kmeans_niters, similarity: "cosine" };
  const average = passages === 0 ? 0 : tokens / passages;
  writeJson(
    path("plan.json"),
    origin?.kept.json["plan.json"] ?? {
      config,
      num_chunks: chunks.length,
      num_partitions: partitions,
      num_embeddings_est: tokens,
      avg_doclen_est: average,
    },
  );
  writeJson(
    path("metadata.json"),
    origin?.kept.json["metadata.json"] ?? {
      config,
      num_chunks: chunks.length,
      num_partitions: partitions,
      num_embeddings: tokens,
      avg_doclen: average,
      latebench: { encoder: header.encoder },
    },
  );
}

/** `optimize_ivf` pads where reading the longest list's length from the last list's beginning would leave the tensor. */
function paddingOf(lengths: Int32Array, total: number): number {
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  return total - lengths[lengths.length - 1] + longest > total ? longest : 0;
}

function tensor(
  storage: WrittenTensor["storage"],
  shape: readonly number[],
  { buffer, byteOffset, byteLength }: ArrayBufferView,
): WrittenTensor {
  return { storage, shape, pieces: [new Uint8Array(buffer, byteOffset, byteLength)] };
}
