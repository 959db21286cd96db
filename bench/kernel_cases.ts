import { byteLevels, byteWeights } from "../backends/plaid/index/codec.ts";
import { LIST_PADDING } from "../backends/plaid/index/gaps.ts";
import { openStepWriter } from "../backends/plaid/index/steps.ts";
import type { Kernel } from "../kernels/kernel.ts";
import { SCRATCH } from "../kernels/loops.ts";
import { blockQueries, maxsim, scratchFloats, startsOf } from "../kernels/maxsim.ts";
import { maxsimI8, productsI8, quantiseQueries, quantiseRows } from "../kernels/maxsim_i8.ts";
import { seededRandom } from "../support/random.ts";

/** One loop on one input: what it does once, and how much that is. */
export interface KernelCase {
  readonly name: string;
  /** `GFLOP/s` and `GOP/s` stand beside the peak of fused multiply–adds, `GB/s` beside that of copying. */
  readonly unit: "GFLOP/s" | "GOP/s" | "GB/s";
  /** FLOPs, integer operations or bytes. */
  readonly work: number;
  run(): void;
}

const DIM = 128;
const QUERY_ROWS = 32;
const LENGTH = 70;
const CENTROIDS = 16_384;
/** One in so many centroids is probed. */
const PROBED = 16;
/** Steps a token, about: what `plaid:step=5` keeps. */
const STEPS = 8;

/**
 * All loops on random vectors: passages of 70 rows of 128 columns, queries of 32 rows, 16,384 centroids.
 *
 * @param passages how many; 2,000 are 36 MB of fp16
 */
export function kernelCases(kernel: Kernel, passages: number): KernelCase[] {
  const { loops, lanes } = kernel;
  const random = seededRandom(1);
  const pattern = Float32Array.from({ length: 1 << 16 }, () => random() - 0.5);
  const value = (i: number) => pattern[(i * 7919) & 0xffff];
  const tokens = passages * LENGTH;
  const floats = (count: number) => {
    const room = kernel.allocate(4 * count);
    return new Float32Array(room.buffer, room.byteOffset, count);
  };
  const halves = (count: number) => {
    const room = kernel.allocate(2 * count);
    return new Uint16Array(room.buffer, room.byteOffset, count);
  };
  const rows = floats(tokens * DIM);
  for (let i = 0; i < rows.length; i++) rows[i] = value(i);
  const fp16 = halves(rows.length);
  loops.narrow_rows(rows, fp16, rows.length);
  const lengths = new Int32Array(passages).fill(LENGTH);
  const place = { starts: startsOf(lengths), lengths };
  const query = {
    data: Float32Array.from({ length: QUERY_ROWS * DIM }, (_, i) => value(i)),
    rows: QUERY_ROWS,
    dim: DIM,
  };
  const one = blockQueries(kernel, [query]);
  const eight = blockQueries(kernel, Array(8).fill(query));
  const out = floats(8 * passages);
  const products = 2 * tokens * QUERY_ROWS * DIM;

  const bytes = kernel.allocate(rows.length);
  const quantised = {
    width: DIM,
    values: bytes,
    scales: floats(tokens),
  };
  const errors = floats(tokens);
  const guess = quantiseQueries(kernel, [query]);

  const k = Math.min(CENTROIDS, tokens);
  const centroids = fp16.subarray(0, k * DIM);
  const table = floats(k * one.stride);
  const cells = {
    worst: new Float32Array(one.stride),
    values: new Float32Array(4 * QUERY_ROWS),
    numbers: new Int32Array(4 * QUERY_ROWS),
  };
  const codes = kernel.allocate(2 * tokens);
  for (let i = 0; i < tokens; i++) {
    const code = Math.floor(random() * k);
    codes[2 * i] = code & 255;
    codes[2 * i + 1] = code >> 8;
  }
  const norms = kernel.allocate(tokens);
  const normValues = new Float32Array(256).fill(1);
  const work = new Float32Array(SCRATCH.codes(one.stride));
  const byteTable = kernel.allocate(k * one.stride);
  const byteProducts = floats(k * one.stride);
  const byteCentroids = { width: DIM, values: kernel.allocate(k * DIM), scales: floats(k) };
  quantiseRows(kernel, centroids, DIM, byteCentroids, new Float32Array(k));
  const slots = Int32Array.from({ length: k }, (_, i) => i % PROBED === 0 ? i : -1);
  const missing = new Float32Array(QUERY_ROWS);
  const bits = new Uint32Array(k);
  const residualCases = [2, 4].flatMap((nbits): KernelCase[] => {
    const each = DIM * nbits / 8;
    const residuals = kernel.allocate(tokens * each);
    for (let i = 0; i < residuals.length; i++) residuals[i] = (value(i) + 0.5) * 256;
    const weights = Float32Array.from({ length: 2 ** nbits }, (_, i) => i / 2 ** nbits - 0.5);
    const lut = floats(each * 256 * one.stride);
    loops.residual_table(one.data, one.vectors, DIM, weights, nbits, lut);
    const codec = { nbits, weights };
    const { levels } = byteLevels(codec);
    const wide = byteWeights(codec);
    const where = [place.starts, lengths, passages] as const;
    const rooms = {
      bytes: scratchFloats(kernel, SCRATCH.bytes(DIM, one.stride)),
      decompress: scratchFloats(kernel, SCRATCH.decompress(DIM, one.stride)),
      probed: scratchFloats(kernel, SCRATCH.probed(DIM, one.stride)),
    };
    const { data, offsets, factors } = guess;
    const stored = [codes, 2, residuals, norms, normValues, ...where] as const;
    return [
      {
        name: `residual scores by tables, ${nbits} bits`,
        unit: "GFLOP/s",
        work: products,
        run: () => loops.residual_scores(table, one.stride, QUERY_ROWS, lut, each, ...stored, work, out),
      },
      {
        name: `residual scores in int8, ${nbits} bits`,
        unit: "GOP/s",
        work: products,
        run() {
          const query = [data, DIM, DIM, offsets, factors] as const;
          const { residual_scores_i8 } = loops;
          residual_scores_i8(table, one.stride, QUERY_ROWS, ...query, levels, nbits, ...stored, rooms.bytes, out);
        },
      },
      {
        name: `scores of probed cells' tokens, ${nbits} bits`,
        unit: "GFLOP/s",
        work: products / PROBED,
        run() {
          const meaning = [wide, 8 / nbits, 0] as const;
          const stored = [codes, 2, residuals, missing, ...where, rooms.probed, out] as const;
          loops.probed_scores(table, one.stride, QUERY_ROWS, slots, query.data, DIM, ...meaning, ...stored);
        },
      },
      {
        name: `scores of close tokens, ${nbits} bits`,
        unit: "GFLOP/s",
        work: products,
        run() {
          const stored = [lut, each, codes, 2, residuals, ...where, work, out] as const;
          loops.close_scores(table, one.stride, QUERY_ROWS, 0, ...stored);
        },
      },
      {
        name: `scores of decompressed rows, ${nbits} bits`,
        unit: "GFLOP/s",
        work: products,
        run() {
          const query = [one.data, one.vectors, DIM, QUERY_ROWS, centroids, 1, wide, nbits, null] as const;
          loops.decompressed_scores(...query, codes, 2, residuals, ...where, rooms.decompress, out);
        },
      },
    ];
  });

  const near = Math.min(2048, k);
  const blocked = floats(Math.ceil(near / lanes) * lanes * DIM);
  const names = Int32Array.from({ length: near }, (_, i) => i);
  const nearestScratch = new Float32Array(SCRATCH.nearest(DIM));
  loops.block_rows(centroids, 1, DIM, names, near, nearestScratch, blocked);
  const some = Math.min(tokens, 16_384);
  const nearest = new Int32Array(some);
  const sums = floats(DIM * 64);
  const lists = Int32Array.from({ length: 65 }, (_, i) => Math.floor((i * some) / 64));
  const shuffled = Int32Array.from({ length: some }, (_, i) => (i * 7919) % some);
  const entries = rows.subarray(0, 16 * 256 * 8);
  const pqTables = floats(16 * 256);
  const distances = floats(tokens);

  return [
    { name: "MaxSim, fp16", unit: "GFLOP/s", work: products, run: () => maxsim(kernel, one, fp16, place, out) },
    {
      name: "MaxSim, fp16, 8 queries",
      unit: "GFLOP/s",
      work: 8 * products,
      run: () => maxsim(kernel, eight, fp16, place, out),
    },
    { name: "MaxSim, fp32", unit: "GFLOP/s", work: products, run: () => maxsim(kernel, one, rows, place, out) },
    {
      name: "quantise to int8",
      unit: "GB/s",
      work: 2 * rows.length,
      run: () => quantiseRows(kernel, fp16, DIM, quantised, errors),
    },
    { name: "MaxSim, int8", unit: "GOP/s", work: products, run: () => maxsimI8(kernel, guess, quantised, place, out) },
    {
      name: "products with centroids",
      unit: "GFLOP/s",
      work: 2 * k * QUERY_ROWS * DIM,
      run: () => loops.products(one.data, one.vectors, DIM, centroids, 1, k, one.scratch, table),
    },
    {
      name: "best 4 cells",
      unit: "GB/s",
      work: 4 * k * one.stride,
      run: () => loops.top_cells(table, k, one.stride, QUERY_ROWS, 4, cells.worst, cells.values, cells.numbers),
    },
    {
      name: "centroid scores",
      unit: "GB/s",
      work: 4 * tokens * one.stride,
      run() {
        const { centroid_scores } = loops;
        centroid_scores(
          table,
          one.stride,
          QUERY_ROWS,
          null,
          codes,
          2,
          place.starts,
          lengths,
          passages,
          -9999,
          work,
          out,
        );
      },
    },
    {
      name: "products with centroids, int8",
      unit: "GOP/s",
      work: 2 * k * QUERY_ROWS * DIM,
      run: () => productsI8(kernel, guess, byteCentroids, byteProducts),
    },
    {
      name: "table in bytes",
      unit: "GB/s",
      work: 4 * k * one.stride,
      run: () => loops.table_bytes(table, k, one.stride, QUERY_ROWS, null, -0.1, 0.005, byteTable),
    },
    {
      name: "centroid scores, int8",
      unit: "GB/s",
      work: tokens * one.stride,
      run() {
        const where = [place.starts, lengths, passages, work, out] as const;
        loops.centroid_scores_i8(byteTable, one.stride, codes, 2, ...where);
      },
    },
    {
      name: "bits of close rows",
      unit: "GB/s",
      work: 4 * k * one.stride,
      run: () => loops.close_bits(table, k, one.stride, QUERY_ROWS, 0, bits),
    },
    {
      name: "close rows of passages",
      unit: "GB/s",
      work: 6 * tokens,
      run: () => loops.bit_scores(bits, 1, codes, 2, place.starts, lengths, passages, out),
    },
    ...residualCases,
    stepCase(kernel, { table, codes, norms, normValues, work, out, lengths, starts: place.starts }, one.stride),
    {
      name: "nearest of 2,048",
      unit: "GFLOP/s",
      work: 2 * some * near * DIM,
      run: () => loops.nearest(blocked, null, near, DIM, fp16, 1, null, some, nearestScratch, nearest, null),
    },
    {
      name: "sums of lists",
      unit: "GB/s",
      work: 2 * some * DIM,
      run: () => loops.sum_lists(fp16, 1, DIM, shuffled, lists, 64, nearestScratch, sums),
    },
    {
      name: "PQ tables, 16 × 256",
      unit: "GFLOP/s",
      work: 3 * 256 * DIM,
      run: () => loops.pq_tables(query.data, entries, 16, 256, 8, pqTables),
    },
    {
      name: "PQ scan, 16 bytes",
      unit: "GB/s",
      work: 16 * Math.floor(tokens / 8),
      run: () => loops.pq_scan(pqTables, 16, 256, codes, Math.floor(tokens / 8), 0, distances),
    },
    { name: "fp16 to fp32", unit: "GB/s", work: 6 * rows.length, run: () => loops.widen_rows(fp16, rows, rows.length) },
    {
      name: "fp32 to fp16",
      unit: "GB/s",
      work: 6 * rows.length,
      run: () => loops.narrow_rows(rows, fp16, rows.length),
    },
  ];
}

/** Scores from residuals in steps, `STEPS` of them a token. */
function stepCase(
  kernel: Kernel,
  { table, codes, norms, normValues, work, out, lengths, starts }: {
    readonly table: Float32Array;
    readonly codes: Uint8Array;
    readonly norms: Uint8Array;
    readonly normValues: Float32Array;
    readonly work: Float32Array;
    readonly out: Float32Array;
    readonly lengths: Int32Array;
    readonly starts: Float64Array;
  },
  stride: number,
): KernelCase {
  const random = seededRandom(2);
  const codec = { width: 1, rice: 3 };
  const writer = openStepWriter(codec);
  const sizes = Int32Array.from(lengths, (length) => {
    return writer.add(
      Float32Array.from({ length: length * DIM }, () => random() < STEPS / DIM ? Math.sign(random() - 0.5) : 0),
    );
  });
  const listStarts = startsOf(sizes);
  const listed = writer.bytes();
  const lists = kernel.allocate(listed.length + LIST_PADDING);
  lists.set(listed);
  const steps = new Float32Array(2 * DIM * stride).fill(0.1);
  const stored = [
    codes,
    2,
    lists,
    listStarts,
    listStarts.map((start, i) => start + sizes[i]),
    norms,
    normValues,
    starts,
    lengths,
    lengths.length,
    work,
    out,
  ] as const;
  return {
    name: `residual scores in steps, ${STEPS} a token`,
    unit: "GFLOP/s",
    work: 2 * lengths.length * LENGTH * QUERY_ROWS * DIM,
    run: () => kernel.loops.step_scores(table, stride, QUERY_ROWS, steps, DIM, codec.rice, ...stored),
  };
}
