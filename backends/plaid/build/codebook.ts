import { join } from "node:path";
import { z } from "zod";
import type { Embeddings } from "../../../encoders/embeddings/read.ts";
import { createKernel, type KernelChoice } from "../../../kernels/kernel.ts";
import type { SharedRows } from "../../../kernels/k_means/assign.ts";
import type { KMeansPool } from "../../../kernels/k_means/pool.ts";
import { assign, trainKMeans } from "../../../kernels/k_means/train.ts";
import { openHashed, writeJson } from "../../../support/atomic_write.ts";
import { badInput } from "../../../support/errors.ts";
import { sha256File } from "../../../support/hash.ts";
import { readJson } from "../../../support/json.ts";
import { readFile } from "../../../support/open_file.ts";
import { isFile } from "../../../support/paths.ts";
import { startProgress } from "../../../support/progress.ts";
import type { Rows } from "../../../kernels/loops.ts";
import { halves } from "../../vectors/rows.ts";
import { readCentroids } from "../index/centroids.ts";
import { readCodec } from "../index/codebooks.ts";
import type { ResidualCodec } from "../index/codec.ts";
import { type BuildSettings, type PlaidHeader, SHARED_FILES } from "../index/format.ts";
import { partitionsFor } from "./plan.ts";
import { encodeRest, trainResiduals } from "./residuals.ts";
import { sampleRows } from "./sample.ts";
import { type NormRange, normRange } from "./segment.ts";

/** What the first pass finds, and the second one encodes with. */
export interface Codebook {
  /** float32 `[partitions, dim]`, as fp16 rounded them: what searches read is what encoding took off. */
  readonly centroids: Float32Array<SharedArrayBuffer>;
  readonly codec: ResidualCodec;
  /** Mean |residual| of the sample. */
  readonly averageResidual: number;
  /** What bytes of norms mean; null where residuals are in buckets, or no rows were kept back: each segment then has its own. */
  readonly norms: NormRange | null;
  readonly sample: { readonly passages: number; readonly train: number; readonly heldout: number };
  /** Of the centroids' file, and the codebooks' where there is one. */
  readonly files: Pick<PlaidHeader["files"], "centroids" | "codebooks">;
}

/** What only a build that goes on needs. */
export const CODEBOOK_FILE = "codebook.partial.json";
const file = z.object({ bytes: z.number(), sha256: z.string() });
const saved = z.object({
  cutoffs: z.array(z.number()),
  weights: z.array(z.number()),
  steps: z.object({ width: z.number(), rice: z.number() }).optional(),
  average_residual: z.number(),
  norms: z.object({ least: z.number(), step: z.number() }).nullable(),
  sample: z.object({ passages: z.number(), train: z.number(), heldout: z.number() }),
  files: z.object({ centroids: file, codebooks: file.optional() }),
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
  return readCodebook(folder, settings, options.kernel);
}

async function trainCodebook(
  pool: KMeansPool,
  embeddings: Embeddings,
  folder: string,
  settings: BuildSettings,
  { kernel, quiet }: { readonly kernel: KernelChoice; readonly quiet: boolean },
): Promise<void> {
  const { seed, kmeans_niters: iterations, nearby, points_per_centroid } = settings;
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
  let sum = 0;
  for (const value of residuals) sum += Math.abs(value);
  const average = residuals.length === 0 ? 0 : sum / residuals.length;
  const codec = await trainResiduals(pool, residuals, average, dim, settings);
  const write = (name: keyof typeof SHARED_FILES, values: Uint16Array | Float32Array) => {
    using file = openHashed(join(folder, SHARED_FILES[name]));
    file.write(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    return file.commit();
  };
  const state: z.infer<typeof saved> = {
    ...headerOf(codec),
    average_residual: average,
    norms: codec.kind === "buckets" || heldout === 0
      ? null
      : await normsOf(pool, { rows, dim }, trained, codec, nearest),
    sample: { passages: sample.passages, train: length / dim, heldout },
    files: {
      centroids: write("centroids", rounded),
      ...codec.kind === "product" ? { codebooks: write("codebooks", codec.codebooks) } : {},
    },
  };
  writeJson(join(folder, CODEBOOK_FILE), state);
}

/** The range of the norms of rows that were kept back, and a tenth of it more on both sides: others lie beyond. */
async function normsOf(
  pool: KMeansPool,
  data: SharedRows,
  centroids: Float32Array<SharedArrayBuffer>,
  codec: ResidualCodec,
  nearest: Int32Array,
): Promise<NormRange> {
  const { factors } = await encodeRest(pool, data, Int32Array.of(nearest.length), { centroids, codec }, nearest);
  return normRange([factors], 0.1);
}

/** What an index's header says of its residuals. */
export function headerOf(codec: ResidualCodec): Pick<PlaidHeader, "cutoffs" | "weights" | "steps"> {
  const { cutoffs, weights } = codec.kind === "buckets" ? codec : { cutoffs: [], weights: [] };
  const { width, rice } = codec.kind === "steps" ? codec : { width: 0, rice: 0 };
  return { cutoffs: [...cutoffs], weights: [...weights], ...codec.kind === "steps" ? { steps: { width, rice } } : {} };
}

/**
 * @throws {LatebenchError} where a file is not the one that was written
 */
function readCodebook(folder: string, settings: BuildSettings, kernel: KernelChoice): Codebook {
  const state = readJson(join(folder, CODEBOOK_FILE), saved, "the state of an interrupted build");
  for (const [name, { sha256 }] of Object.entries(state.files)) {
    const file = join(folder, SHARED_FILES[name as keyof typeof SHARED_FILES]);
    if (sha256File(file) === sha256) continue;
    throw badInput(file, "another checksum than when it was written", "the centroids of this build");
  }
  return {
    centroids: shareFloats(halves(readFile(join(folder, SHARED_FILES.centroids))), kernel),
    codec: readCodec(folder, { ...state, settings }),
    averageResidual: state.average_residual,
    norms: state.norms,
    sample: state.sample,
    files: state.files,
  };
}

/** The codebook of an index that is there. */
export function codebookOf(folder: string, header: PlaidHeader, kernel: KernelChoice): Codebook {
  return {
    centroids: shareFloats(readCentroids(folder, header), kernel),
    codec: readCodec(folder, header),
    averageResidual: header.average_residual,
    norms: header.norms,
    sample: header.sample,
    files: { centroids: header.files.centroids, codebooks: header.files.codebooks },
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
