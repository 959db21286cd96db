import { serveTasks, type TaskResult } from "../../support/worker_tasks.ts";
import { createKernel, type Kernel, type KernelChoice } from "../kernel.ts";
import { type Rows, SCRATCH } from "../loops.ts";
import { blockQueries, half, scratchFloats } from "../maxsim.ts";
import { column, selectBest } from "../top_k.ts";

/** What a k-means worker can be asked for; `open` comes first. Arrays are shared: results are written to their places in them. */
export type KMeansTask =
  | { readonly open: KernelChoice }
  | { readonly nearest: NearestTask }
  | { readonly nearby: NearbyTask }
  | { readonly sum: SumTask }
  | { readonly encode: EncodeTask }
  | { readonly product: ProductTask };

/** Finds the nearest centroid of each of some rows. */
export interface NearestTask {
  readonly rows: Rows;
  readonly dim: number;
  /** float32 `[k, dim]`. */
  readonly centroids: Float32Array;
  /** Which centroids are compared. */
  readonly names: Int32Array;
  /** Which rows. */
  readonly numbers: Int32Array;
  /** By row number. */
  readonly nearest: Int32Array;
  readonly scores: Float32Array;
}

/** Lists the centroids that are nearest to each of some middles of regions. */
export interface NearbyTask {
  /** float32 `[regions, dim]`. */
  readonly middles: Float32Array;
  readonly dim: number;
  /** float32 `[k, dim]`. */
  readonly centroids: Float32Array;
  /** Where each region's list goes: ascending numbers. */
  readonly lists: readonly Int32Array[];
}

/** Sums the rows of some lists. */
export interface SumTask {
  readonly rows: Rows;
  readonly dim: number;
  /** Row numbers, list after list. */
  readonly numbers: Int32Array;
  /** Where each list begins, and where the last one ends. */
  readonly offsets: Int32Array;
  /** float32 `[lists, dim]`. */
  readonly sums: Float32Array;
}

/** Packs the residuals of rows, see `Loops.encode_residuals`. */
export interface EncodeTask {
  readonly rows: Rows;
  readonly dim: number;
  readonly centroids: Float32Array;
  /** The centroid of each row. */
  readonly names: Int32Array;
  readonly nbits: number;
  readonly cutoffs: Float32Array;
  readonly weights: Float32Array;
  /** uint8 `[rows, dim · nbits / 8]`. */
  readonly residuals: Uint8Array;
  readonly factors: Float32Array;
}

/** Encodes rows by product quantisation, see `Loops.pq_encode`. */
export interface ProductTask {
  readonly rows: Rows;
  readonly dim: number;
  readonly centroids: Float32Array;
  readonly names: Int32Array;
  /** float32 `[m, dim / m, ksub]`. */
  readonly entries: Float32Array;
  readonly m: number;
  /** uint8 `[rows, m]`. */
  readonly codes: Uint8Array;
}

let kernel: Kernel | undefined;

serveTasks<KMeansTask, null>((task): TaskResult<null> => {
  if ("open" in task) kernel = createKernel(task.open);
  else if (!kernel) throw new Error("the first task of a k-means worker must be open");
  else if ("nearest" in task) nearest(kernel, task.nearest);
  else if ("nearby" in task) nearby(kernel, task.nearby);
  else if ("sum" in task) sum(kernel, task.sum);
  else if ("encode" in task) encode(kernel, task.encode);
  else product(kernel, task.product);
  return { result: null };
});

function nearest(kernel: Kernel, task: NearestTask): void {
  const { loops, lanes } = kernel;
  const { rows, dim, centroids, names, numbers } = task;
  const work = scratchFloats(kernel, Math.max(SCRATCH.nearest(dim), SCRATCH.rows(dim, 0)));
  const blocked = scratchFloats(kernel, Math.ceil(names.length / lanes) * lanes * dim);
  loops.block_rows(centroids, 0, dim, names, names.length, work, blocked);
  const found = new Int32Array(numbers.length);
  const scores = new Float32Array(numbers.length);
  const { length } = numbers;
  loops.nearest(blocked, names, names.length, dim, rows, half(rows), numbers, length, work, found, scores);
  numbers.forEach((row, i) => {
    task.nearest[row] = found[i];
    task.scores[row] = scores[i];
  });
}

function nearby(kernel: Kernel, { middles, dim, centroids, lists }: NearbyTask): void {
  const block = blockQueries(kernel, [{ data: middles, rows: lists.length, dim }]);
  const count = centroids.length / dim;
  const products = new Float32Array(count * block.stride);
  kernel.loops.products(block.data, block.vectors, dim, centroids, 0, count, block.scratch, products);
  lists.forEach((list, region) => {
    list.set(selectBest(column(products, region, block.stride), list.length));
  });
}

function sum({ loops }: Kernel, { rows, dim, numbers, offsets, sums }: SumTask): void {
  const scratch = new Float32Array(SCRATCH.rows(dim, 0));
  loops.sum_lists(rows, half(rows), dim, numbers, offsets, offsets.length - 1, scratch, sums);
}

function encode({ loops }: Kernel, task: EncodeTask): void {
  const { rows, dim, centroids, names, nbits, cutoffs, weights, residuals, factors } = task;
  const scratch = new Float32Array(SCRATCH.encode(dim));
  const to = [names.length, scratch, residuals, factors] as const;
  loops.encode_residuals(rows, half(rows), dim, centroids, names, cutoffs, weights, nbits, ...to);
}

function product({ loops }: Kernel, { rows, dim, centroids, names, entries, m, codes }: ProductTask): void {
  const ksub = entries.length / dim;
  const scratch = new Float32Array(SCRATCH.pq_encode(dim, ksub));
  loops.pq_encode(rows, half(rows), dim, centroids, names, entries, m, ksub, names.length, scratch, codes);
}
