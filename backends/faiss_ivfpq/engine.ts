import type { Embeddings } from "../../encoders/embeddings/read.ts";
import type { Matrix } from "../../encoders/encoder.ts";
import type { Macs } from "../../encoders/flops/macs.ts";
import type { KernelChoice } from "../../kernels/kernel.ts";
import type { Access, RowFile } from "../vectors/rows.ts";
import type { IvfpqFile } from "./faiss_file.ts";
import type { TrainingSample } from "./training_sample.ts";

/** How an index is built. */
export interface IvfpqSettings {
  readonly partitions: number | "auto";
  /** Share of the vectors that train. */
  readonly sample: number;
  readonly m: number;
  readonly seed: number;
  /** Written into the file, for those who open it elsewhere. */
  readonly nprobe: number;
}

/** What engines need of the program around them. */
export interface EngineContext {
  readonly kernel: KernelChoice;
  readonly threads: number;
  readonly quiet: boolean;
}

/** A file that an engine has written. */
export interface WrittenSlice {
  readonly bytes: number;
  readonly sha256: string;
}

/** A file of an index, looked over. */
export interface Slice {
  readonly file: RowFile;
  readonly index: IvfpqFile;
  /** Number of its first vector in the whole index: each file counts its own from 0, as v1's do. */
  readonly firstVector: number;
}

/** All files of an index, as engines open them. */
export interface SliceSet {
  readonly slices: readonly Slice[];
  readonly access: Access;
  /** The passage of each vector (v1's `emb2pid`). */
  readonly passageOf: Int32Array<SharedArrayBuffer>;
  readonly passages: number;
}

/** Passages with a vector among the nearest of some query row, and what it took to find them. */
export interface Candidates {
  /** Bits of passages, uint32. */
  readonly passages: Uint32Array;
  readonly macs: Macs;
  /** Bytes of codes that were compared. */
  readonly bytes: number;
}

/** An open index. */
export interface Prober extends Disposable {
  /** The `depth` nearest vectors of each query row, and the passages that they belong to. */
  candidates(query: Matrix, depth: number): Promise<Candidates>;
  /** Bytes that it holds in memory, beside `passageOf`. */
  readonly memoryBytes: number;
}

/** Something that builds and searches `IndexIVFPQ` files. */
export interface Engine {
  /** What it is, with its version: in every result. */
  readonly name: string;
  /** Trains on a sample of the vectors, adds all, writes the file. */
  build(
    embeddings: Embeddings,
    sample: TrainingSample,
    settings: IvfpqSettings,
    path: string,
    context: EngineContext,
  ): Promise<WrittenSlice>;
  open(set: SliceSet, nprobe: number, context: EngineContext): Promise<Prober>;
}

/** Centroids that are compared with, and the entries of the tables that are made, of a query. */
export function probeMacs({ slices }: SliceSet, rows: number, nprobe: number): Macs {
  const float = slices.reduce((sum, { index: { sizes, dim, ksub } }) => {
    return sum + rows * dim * (sizes.length + Math.min(nprobe, sizes.length) * ksub);
  }, 0);
  return { float, integer: 0 };
}
