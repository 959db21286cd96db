import { join } from "node:path";
import type { Embeddings } from "../../../encoders/embeddings/read.ts";
import { badInput, LatebenchError } from "../../../support/errors.ts";
import { isFile } from "../../../support/paths.ts";
import { openTensor, readTensorFile } from "../../../support/torch/tensor_file.ts";
import { checkFinite } from "../../check_content.ts";
import type { Engine, EngineContext } from "../engine.ts";
import { withPreset } from "../presets.ts";
import { sliceName, sliceOf } from "../slices.ts";
import {
  defaultPartitions,
  defaultSubquantisers,
  drawTrainingSample,
  type TrainingSample,
} from "../training_sample.ts";
import { passageRange, type V1Index } from "./index_folder.ts";

/** v1's `index_faiss` arguments. */
export interface IndexFaissOptions {
  readonly partitions: number | "auto";
  /** Share of the rows of every part that trains; null: the rows of the `.sample` files. */
  readonly sample: number | null;
  readonly slices: number;
  readonly seed: number;
}

/**
 * Builds the FAISS files of a v1 index folder (`colbert/index_faiss.py`): `ivfpq.{P}.faiss`, or one a slice of parts.
 *
 * @param embeddings the folder's rows, see `importV1Index`
 * @returns the files
 * @throws {LatebenchError} where a file is there already
 */
export async function indexFaiss(
  index: V1Index,
  embeddings: Embeddings,
  engine: Engine,
  options: IndexFaissOptions,
  context: EngineContext,
): Promise<string[]> {
  const { tokens, dim } = embeddings.header;
  const partitions = options.partitions === "auto" ? defaultPartitions(tokens) : options.partitions;
  const { nprobe } = withPreset({ preset: "v1" });
  const m = defaultSubquantisers(dim);
  const each = Math.ceil(index.parts.length / options.slices);
  const ranges = Array.from({ length: Math.ceil(index.parts.length / each) }, (_, slice) => {
    return { from: slice * each, until: Math.min(index.parts.length, (slice + 1) * each) };
  });
  const paths = ranges.map((range) => join(index.folder, sliceName(partitions, range, ranges.length === 1)));
  const there = paths.find(isFile);
  if (there) throw new LatebenchError(`${there}: it is there; remove it to build it anew`, 1);
  for (const [i, range] of ranges.entries()) {
    const [first, end] = passageRange(index, range.from, range.until);
    const shards = embeddings.shards.findLastIndex((shard) => shard.first < end) + 1;
    const slice = sliceOf(embeddings, { from: embeddings.shards.findIndex((s) => s.first >= first), until: shards });
    const settings = { partitions, sample: options.sample ?? 1, m, seed: options.seed, nprobe };
    const sample = options.sample === null
      ? await readSamples(index, range, partitions)
      : drawTrainingSample(slice, settings);
    await engine.build(slice, { ...sample, partitions }, settings, paths[i], context);
  }
  return paths;
}

/** The rows that indexing has put aside. */
async function readSamples(
  { folder, dim }: V1Index,
  { from, until }: { readonly from: number; readonly until: number },
  partitions: number,
): Promise<TrainingSample> {
  const parts: Float16Array[] = [];
  for (let part = from; part < until; part++) {
    const tensor = await readTensorFile(join(folder, `${part}.sample`));
    if (tensor.storage !== "torch.HalfStorage" || tensor.shape.length !== 2 || tensor.shape[1] !== dim) {
      throw badInput(tensor.file, `${tensor.storage} ${tensor.shape.join(" × ")}`, `fp16, n × ${dim}`);
    }
    using reader = openTensor(tensor);
    const rows = new Float16Array(reader.read(tensor.bytes).buffer);
    checkFinite(tensor.file, rows);
    parts.push(rows);
  }
  const rows = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    rows.set(part, at);
    at += part.length;
  }
  if (rows.length < partitions * dim) {
    throw badInput(
      folder,
      `${rows.length / dim} rows in its samples`,
      `${partitions}, one for each partition, or more (--sample)`,
    );
  }
  return { rows, partitions };
}

/** The FAISS files of an index folder for some number of partitions, in the order of their parts. */
export function findFaissFiles(
  { folder }: Pick<V1Index, "folder">,
  { partitions, name }: { readonly partitions?: number; readonly name?: string },
): string[] {
  if (name !== undefined) {
    if (!isFile(join(folder, name))) throw badInput(join(folder, name), "no such file", "a FAISS index");
    return [join(folder, name)];
  }
  const found = [...Deno.readDirSync(folder)].flatMap(({ name }) => {
    const match = /^ivfpq\.(\d+)(?:\.(\d+)-\d+)?\.faiss$/.exec(name);
    return match ? [{ name, partitions: Number(match[1]), from: Number(match[2] ?? 0) }] : [];
  });
  const known = [...new Set(found.map((file) => file.partitions))];
  const wanted = partitions ?? known[0];
  const told = known.length > 0
    ? `ivfpq files of ${known.sort((a, b) => a - b).join(", ")} partitions`
    : "no ivfpq file";
  if (partitions === undefined && known.length > 1) throw badInput(folder, told, "--partitions that says which");
  const files = found.filter((file) => file.partitions === wanted).sort((a, b) => a.from - b.from);
  if (files.length === 0) throw badInput(folder, told, `ivfpq.${wanted ?? "*"}.faiss (v1 index-faiss makes it)`);
  return files.map(({ name }) => join(folder, name));
}
