import { join } from "node:path";
import { z } from "zod";
import { badInput } from "../../../support/errors.ts";
import { readJson } from "../../../support/json.ts";
import {
  readTensorBytes,
  readTensorFile,
  readTensorTuple,
  type Storage,
  type StoredTensor,
} from "../../../support/torch/tensor_file.ts";
import { count, expectCounts, expectShape, keepJson, narrowIntegers, readDoclens, readIds } from "./files.ts";
import { checkCodebook, countListed, type ForeignChunk, type ForeignIndex } from "./foreign_index.ts";

const metadata = z.looseObject({
  config: z.looseObject({ nbits: z.int().min(1).max(8), dim: z.int().optional() }),
  num_chunks: count,
  num_partitions: count,
  num_embeddings: count,
});
const chunkMetadata = z.looseObject({
  passage_offset: count,
  num_passages: count,
  num_embeddings: count,
  embedding_offset: count.optional(),
});

/**
 * Opens an index folder of Stanford's ColBERT (`index_saver.py`, `codecs/residual.py`, `indexing/utils.py`). Tensors that were on a GPU
 * when they were saved are read as any others. Nothing in a pickle is executed.
 *
 * @throws {LatebenchError} for files that are missing or damaged, or do not fit together
 */
export async function openStanford(folder: string): Promise<ForeignIndex> {
  const path = (name: string) => join(folder, name);
  const meta = readJson(path("metadata.json"), metadata, "the metadata of an index of ColBERT");
  const { num_chunks, num_partitions, config: { nbits } } = meta;
  const centroids = await readTensorFile(path("centroids.pt"));
  expectTensor(centroids, ["torch.HalfStorage", "torch.FloatStorage"], [num_partitions, null]);
  const dim = centroids.shape[1];
  const residual = await readTensorFile(path("avg_residual.pt"));
  const [cutoffs, weights] = await readTensorTuple(path("buckets.pt"), 2);
  expectTensor(cutoffs, ["torch.FloatStorage", "torch.HalfStorage"], [null]);
  expectTensor(weights, ["torch.FloatStorage", "torch.HalfStorage"], [null]);
  const [listed, lengths] = await readTensorTuple(path("ivf.pid.pt"), 2);
  expectTensor(listed, ["torch.IntStorage", "torch.LongStorage"], [null]);
  expectTensor(lengths, ["torch.IntStorage", "torch.LongStorage"], [num_partitions]);
  const codebook = {
    format: "stanford",
    folder,
    dim,
    nbits,
    partitions: num_partitions,
    centroids: centroids.storage === "torch.HalfStorage"
      ? new Uint16Array(readTensorBytes(centroids).buffer)
      : new Float32Array(readTensorBytes(centroids).buffer),
    cutoffs: floatsOf(cutoffs),
    weights: floatsOf(weights),
    averageResidual: floatsOf(residual),
    tokens: meta.num_embeddings,
  } as const;
  const json = keepJson(folder, meta);
  const chunks: ForeignChunk[] = [];
  let [passages, tokens] = [0, 0];
  for (let i = 0; i < num_chunks; i++) {
    const own = readJson(path(`${i}.metadata.json`), chunkMetadata, "the metadata of a chunk");
    json[`${i}.metadata.json`] = own;
    const chunk = await openChunk(folder, i, dim * nbits / 8);
    expectCounts(path(`${i}.metadata.json`), own, {
      passage_offset: passages,
      num_passages: chunk.doclens.length,
      num_embeddings: chunk.tokens,
      embedding_offset: tokens,
    });
    passages += chunk.doclens.length;
    tokens += chunk.tokens;
    chunks.push(chunk);
  }
  expectCounts(path("metadata.json"), meta, { num_embeddings: tokens });
  const index = { ...codebook, passages };
  checkCodebook(index);
  const numbers = integersOf(lengths);
  const total = countListed(lengths.file, numbers);
  if (total > listed.shape[0]) {
    throw badInput(listed.file, `${listed.shape[0]} passages`, `${total} or more, as the lengths say`);
  }
  return {
    ...index,
    chunks,
    lists: { passages: integersOf(listed).subarray(0, total), lengths: numbers },
    ids: readIds(folder, passages),
    kept: {
      json,
      half_weights: weights.storage === "torch.HalfStorage",
      residual_shape: [...residual.shape],
    },
  };
}

async function openChunk(folder: string, chunk: number, width: number): Promise<ForeignChunk> {
  const { doclens, tokens } = readDoclens(folder, chunk);
  const codes = await readTensorFile(join(folder, `${chunk}.codes.pt`));
  expectTensor(codes, ["torch.IntStorage"], [tokens]);
  const residuals = await readTensorFile(join(folder, `${chunk}.residuals.pt`));
  expectTensor(residuals, ["torch.ByteStorage"], [tokens, width]);
  return {
    doclens,
    tokens,
    codes: () => new Int32Array(readTensorBytes(codes).buffer),
    residuals: () => readTensorBytes(residuals),
  };
}

function expectTensor(tensor: StoredTensor, storages: readonly Storage[], expected: readonly (number | null)[]): void {
  expectShape({ ...tensor, kind: tensor.storage }, storages, expected);
}

function floatsOf(tensor: StoredTensor): Float32Array<ArrayBuffer> {
  const bytes = readTensorBytes(tensor);
  if (tensor.storage === "torch.FloatStorage") return new Float32Array(bytes.buffer);
  if (tensor.storage === "torch.HalfStorage") return Float32Array.from(new Float16Array(bytes.buffer));
  throw badInput(tensor.file, tensor.storage, "floats");
}

/** int32 numbers, whatever integers they are stored as. */
function integersOf(tensor: StoredTensor): Int32Array<ArrayBuffer> {
  const bytes = readTensorBytes(tensor);
  if (tensor.storage === "torch.IntStorage") return new Int32Array(bytes.buffer);
  return narrowIntegers(tensor.file, new BigInt64Array(bytes.buffer));
}
