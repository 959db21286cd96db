import { join } from "node:path";
import { z } from "zod";
import type { Embeddings } from "../../../encoders/embeddings/read.ts";
import { createKernel, type KernelChoice } from "../../../kernels/kernel.ts";
import type { KMeansPool } from "../../../kernels/k_means/pool.ts";
import { assign, trainKMeans } from "../../../kernels/k_means/train.ts";
import { writeAtomic, writeJson } from "../../../support/atomic_write.ts";
import { badInput } from "../../../support/errors.ts";
import { sha256File } from "../../../support/hash.ts";
import { readJson } from "../../../support/json.ts";
import { isFile } from "../../../support/paths.ts";
import { startProgress } from "../../../support/progress.ts";
import type { Rows } from "../../../kernels/loops.ts";
import { halves } from "../../vectors/rows.ts";
import { readCentroids } from "../index/centroids.ts";
import { type ResidualCodec, trainCodec } from "../index/codec.ts";
import { type BuildSettings, FILES, type PlaidHeader } from "../index/format.ts";
import { partitionsFor } from "./plan.ts";
import { sampleRows } from "./sample.ts";

/** What the first pass finds, and the second one encodes with. */
export interface Codebook {
  /** float32 `[partitions, dim]`, as fp16 rounded them: what searches read is what encoding took off. */
  readonly centroids: Float32Array<SharedArrayBuffer>;
  readonly codec: ResidualCodec;
  readonly sample: { readonly passages: number; readonly train: number; readonly heldout: number };
  /** Of the centroids' file. */
  readonly sha256: string;
}

/** What only a build that goes on needs. */
export const CODEBOOK_FILE = "codebook.partial.json";
const saved = z.object({
  cutoffs: z.array(z.number()),
  weights: z.array(z.number()),
  average_residual: z.number(),
  sample: z.object({ passages: z.number(), train: z.number(), heldout: z.number() }),
  centroids_sha256: z.string(),
});

/** Trains centroids and buckets on a sample, or reads what an interrupted build of the same index left. */
export async function makeCodebook(
  pool: KMeansPool,
  embeddings: Embeddings,
  folder: string,
  settings: BuildSettings,
  options: { readonly kernel: KernelChoice; readonly quiet: boolean },
): Promise<Codebook> {
  if (!isFile(join(folder, CODEBOOK_FILE))) await trainCodebook(pool, embeddings, folder, settings, options);
  return readCodebook(folder, settings.nbits, options.kernel);
}

async function trainCodebook(
  pool: KMeansPool,
  embeddings: Embeddings,
  folder: string,
  settings: BuildSettings,
  { kernel, quiet }: { readonly kernel: KernelChoice; readonly quiet: boolean },
): Promise<void> {
  const { seed, nbits, kmeans_niters: iterations, nearby, points_per_centroid } = settings;
  const { dim, tokens, dataset } = embeddings.header;
  const partitions = (rows: number) => {
    if (settings.partitions === "auto") return partitionsFor(tokens, rows);
    if (settings.partitions > rows) {
      throw badInput(
        `partitions=${settings.partitions}`,
        `${rows} rows to train them on`,
        "no more partitions than rows",
      );
    }
    return settings.partitions;
  };
  const sample = sampleRows(pool, embeddings, seed, (rows) => partitions(rows) * points_per_centroid);
  const { length } = sample.train;
  const k = length === 0 ? 1 : partitions(length / dim);
  const progress = startProgress(`k-means of ${dataset}, ${k} centroids`, iterations, "rounds", { quiet });
  const options = { k, iterations, seed, nearby, onRound: (round: number) => progress.update(round) };
  const trained = length === 0
    ? new Float32Array(new SharedArrayBuffer(4 * dim))
    : await trainKMeans(pool, { rows: sample.train, dim }, options);
  progress.stop();

  const rounded = new Uint16Array(trained.length);
  const { loops, close } = createKernel(kernel);
  loops.narrow_rows(trained, rounded, trained.length);
  loops.widen_rows(rounded, trained, trained.length);
  close();
  const heldout = sample.heldout.length / dim;
  const bytes = pool.allocate(sample.heldout.byteLength);
  const rows = new Uint16Array(bytes.buffer, bytes.byteOffset, sample.heldout.length);
  rows.set(sample.heldout);
  const { nearest } = heldout === 0
    ? { nearest: new Int32Array(0) }
    : await assign(pool, { rows, dim }, trained, { seed, nearby });
  const values = new Float16Array(rows.buffer, rows.byteOffset, rows.length);
  const residuals = Float32Array.from(
    values,
    (value, i) => value - trained[nearest[Math.floor(i / dim)] * dim + i % dim],
  );
  const codec = trainCodec(residuals, nbits);
  writeAtomic(join(folder, FILES.centroids), new Uint8Array(rounded.buffer));
  const state: z.infer<typeof saved> = {
    cutoffs: [...codec.cutoffs],
    weights: [...codec.weights],
    average_residual: codec.averageResidual,
    sample: { passages: sample.passages, train: length / dim, heldout },
    centroids_sha256: sha256File(join(folder, FILES.centroids)),
  };
  writeJson(join(folder, CODEBOOK_FILE), state);
}

function readCodebook(folder: string, nbits: number, kernel: KernelChoice): Codebook {
  const state = readJson(join(folder, CODEBOOK_FILE), saved, "the state of an interrupted build");
  const file = join(folder, FILES.centroids);
  if (sha256File(file) !== state.centroids_sha256) {
    throw badInput(file, "another checksum than when it was written", "the centroids of this build");
  }
  return {
    centroids: shareFloats(halves(Deno.readFileSync(file)), kernel),
    sample: state.sample,
    sha256: state.centroids_sha256,
    codec: {
      nbits,
      cutoffs: Float32Array.from(state.cutoffs),
      weights: Float32Array.from(state.weights),
      averageResidual: state.average_residual,
    },
  };
}

/** The codebook of an index that is there. */
export function codebookOf(folder: string, header: PlaidHeader, kernel: KernelChoice): Codebook {
  return {
    centroids: shareFloats(readCentroids(folder, header), kernel),
    sample: header.sample,
    sha256: header.files.centroids.sha256,
    codec: {
      nbits: header.settings.nbits,
      cutoffs: Float32Array.from(header.cutoffs),
      weights: Float32Array.from(header.weights),
      averageResidual: header.average_residual,
    },
  };
}

/** Rows as float32 in memory that threads share. */
function shareFloats(rows: Rows, kernel: KernelChoice): Float32Array<SharedArrayBuffer> {
  const shared = new Float32Array(new SharedArrayBuffer(4 * rows.length));
  if (rows instanceof Float32Array) shared.set(rows);
  else {
    const { loops, close } = createKernel(kernel);
    loops.widen_rows(rows, shared, rows.length);
    close();
  }
  return shared;
}
