import { join } from "node:path";
import { z } from "zod";
import { badInput } from "../../../support/errors.ts";
import { readJson } from "../../../support/json.ts";
import { isFile } from "../../../support/paths.ts";
import {
  readTensorBytes,
  readTensorFile,
  readTensorTuple,
  type Storage,
  type StoredTensor,
} from "../../../support/torch/tensor_file.ts";
import { checkCodebook, expectCounts, type ForeignChunk, type ForeignIndex, IDS_FILE } from "./foreign_index.ts";

const count = z.int().min(0);
const metadata = z.looseObject({
  config: z.looseObject({ nbits: z.int(), dim: z.int().optional() }),
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
const doclens = z.array(count);

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
  expectShape(centroids, ["torch.HalfStorage", "torch.FloatStorage"], [num_partitions, null]);
  const dim = centroids.shape[1];
  const residual = await readTensorFile(path("avg_residual.pt"));
  const [cutoffs, weights] = await readTensorTuple(path("buckets.pt"), 2);
  expectShape(cutoffs, ["torch.FloatStorage", "torch.HalfStorage"], [null]);
  expectShape(weights, ["torch.FloatStorage", "torch.HalfStorage"], [null]);
  const [listed, lengths] = await readTensorTuple(path("ivf.pid.pt"), 2);
  expectShape(listed, ["torch.IntStorage", "torch.LongStorage"], [null]);
  expectShape(lengths, ["torch.IntStorage", "torch.LongStorage"], [num_partitions]);
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
  const json: Record<string, unknown> = { "metadata.json": meta };
  if (isFile(path("plan.json"))) {
    json["plan.json"] = readJson(path("plan.json"), z.looseObject({}), "the plan of an index");
  }
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
  const total = numbers.reduce((sum, length) => sum + length, 0);
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

/**
 * Reads the ids that latebench wrote beside an index.
 *
 * @throws {LatebenchError} where they are not as many as passages
 */
export function readIds(folder: string, passages: number): readonly string[] | null {
  const file = join(folder, IDS_FILE);
  return isFile(file) ? readJson(file, z.array(z.string()).length(passages), `ids of ${passages} passages`) : null;
}

async function openChunk(folder: string, chunk: number, width: number): Promise<ForeignChunk> {
  const lengths = readJson(join(folder, `doclens.${chunk}.json`), doclens, "a list of document lengths");
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  const codes = await readTensorFile(join(folder, `${chunk}.codes.pt`));
  expectShape(codes, ["torch.IntStorage"], [tokens]);
  const residuals = await readTensorFile(join(folder, `${chunk}.residuals.pt`));
  expectShape(residuals, ["torch.ByteStorage"], [tokens, width]);
  return {
    doclens: lengths,
    tokens,
    codes: () => new Int32Array(readTensorBytes(codes).buffer),
    residuals: () => readTensorBytes(residuals),
  };
}

function expectShape(
  { file, storage, shape }: StoredTensor,
  storages: readonly Storage[],
  expected: readonly (number | null)[],
): void {
  const fits = shape.length === expected.length && expected.every((side, d) => side === null || side === shape[d]);
  if (fits && storages.includes(storage)) return;
  const sides = expected.map((side) => side ?? "n").join(" × ");
  throw badInput(file, `${storage} ${shape.join(" × ") || "(a number)"}`, `${storages.join(" or ")} ${sides}`);
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

/**
 * int64 numbers as int32.
 *
 * @throws {LatebenchError} for one that is too large
 */
export function narrowIntegers(file: string, values: BigInt64Array): Int32Array<ArrayBuffer> {
  const numbers = new Int32Array(values.length);
  for (let i = 0; i < numbers.length; i++) {
    numbers[i] = Number(values[i]);
    if (BigInt(numbers[i]) !== values[i]) throw badInput(file, `the number ${values[i]}`, "one of 32 bits");
  }
  return numbers;
}
