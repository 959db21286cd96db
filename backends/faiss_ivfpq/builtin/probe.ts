import type { Matrix } from "../../../encoders/encoder.ts";
import { createKernel, type Kernel, type KernelChoice } from "../../../kernels/kernel.ts";
import { SCRATCH } from "../../../kernels/loops.ts";
import { blockQueries, scratchFloats } from "../../../kernels/maxsim.ts";
import { type Access, openRowReader } from "../../vectors/rows.ts";
import type { Slice } from "../engine.ts";

/** A file of an index as workers need it. */
export interface ProbeSetup extends Slice {
  readonly kernel: KernelChoice;
  readonly access: Access;
  /** float32 `[partitions, dim + 1]`: centroids with −½‖centroid‖² behind them. */
  readonly coarse: Float32Array;
  /** float32 `[m, dim / m, ksub]`. */
  readonly entries: Float32Array;
  readonly passageOf: Int32Array;
  readonly passages: number;
}

/** An index as one thread sees it. */
export interface OpenSlice {
  readonly setup: ProbeSetup;
  readonly kernel: Kernel;
  readonly bytes: Uint8Array;
  readonly ids: DataView;
}

/** What probing found. */
export interface Probed {
  /** Bits of passages with a vector among the nearest of some query row, uint32. */
  readonly passages: Uint32Array<ArrayBuffer>;
  /** Codes that were compared. */
  readonly codes: number;
}

/** Opens a file of an index for one thread. */
export function openSlice(setup: ProbeSetup): OpenSlice {
  const kernel = createKernel(setup.kernel);
  const bytes = openRowReader(kernel, setup.access).read(setup.file);
  return { setup, kernel, bytes, ids: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
}

/**
 * For each query row the `depth` vectors that are nearest by their codes, in the `nprobe` nearest lists (`IndexIVFPQ::search`), and
 * the passages that they belong to. Places that FAISS fills with −1 are left out.
 */
export function probe({ setup, kernel, bytes, ids }: OpenSlice, query: Matrix, nprobe: number, depth: number): Probed {
  const { index: { dim, m, ksub, centroids, sizes, codeStarts, idStarts }, coarse, entries, passageOf, firstVector } =
    setup;
  const partitions = sizes.length;
  const lists = nearestLists(kernel, query, coarse, partitions, Math.min(nprobe, partitions));
  const passages = new Uint32Array(Math.ceil(setup.passages / 32));
  let codes = 0;
  for (let row = 0; row < query.rows; row++) {
    const own = lists.subarray(row * lists.length / query.rows, (row + 1) * lists.length / query.rows);
    const starts = Float64Array.from(own, (list) => codeStarts[list]);
    const counts = Int32Array.from(own, (list) => sizes[list]);
    const total = counts.reduce((sum, count) => sum + count, 0);
    codes += total;
    const found = new Int32Array(Math.min(depth, total));
    const scratch = scratchFloats(kernel, SCRATCH.pq_search(dim, m, ksub, found.length));
    const vector = query.data.subarray(row * dim, (row + 1) * dim);
    const where = [own, starts, counts, own.length, entries, m, ksub, bytes, found.length, scratch, found] as const;
    kernel.loops.pq_search(vector, dim, centroids, ...where);
    let list = 0;
    let before = 0;
    for (const position of found) { // ascending
      while (position >= before + counts[list]) before += counts[list++];
      const at = idStarts[own[list]] + 8 * (position - before);
      const passage = passageOf[firstVector + ids.getUint32(at, true) + 2 ** 32 * ids.getUint32(at + 4, true)];
      if (passage === undefined) continue; // a number that was damaged since it was checked
      passages[passage >> 5] |= 1 << (passage & 31);
    }
  }
  return { passages, codes };
}

/** Numbers of the nearest lists of each query row, nearest first, `[rows, nprobe]`. */
function nearestLists(
  kernel: Kernel,
  { data, rows, dim }: Matrix,
  coarse: Float32Array,
  partitions: number,
  nprobe: number,
): Int32Array {
  const longer = new Float32Array(rows * (dim + 1)).fill(1);
  for (let row = 0; row < rows; row++) longer.set(data.subarray(row * dim, (row + 1) * dim), row * (dim + 1));
  const block = blockQueries(kernel, [{ data: longer, rows, dim: dim + 1 }]);
  const table = scratchFloats(kernel, partitions * block.stride);
  kernel.loops.products(block.data, block.vectors, dim + 1, coarse, 0, partitions, block.scratch, table);
  const numbers = new Int32Array(rows * nprobe);
  if (nprobe === partitions) return numbers.map((_, i) => i % partitions); // all of them: the order changes nothing
  const worst = scratchFloats(kernel, block.stride);
  kernel.loops.top_cells(
    table,
    partitions,
    block.stride,
    rows,
    nprobe,
    worst,
    new Float32Array(numbers.length),
    numbers,
  );
  return numbers;
}
