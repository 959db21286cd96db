import type { Matrix } from "../../../encoders/encoder.ts";
import { createKernel, type Kernel } from "../../../kernels/kernel.ts";
import { type Rows, SCRATCH } from "../../../kernels/loops.ts";
import { blockQueries, half, type QueryBlock, scratchFloats } from "../../../kernels/maxsim.ts";
import { productsI8, type QuantisedQueries, quantiseQueries } from "../../../kernels/maxsim_i8.ts";
import { openRowReader, rowsOf } from "../../vectors/rows.ts";
import { type BucketCodec, byteLevels, byteWeights, type StepCodec } from "../index/codec.ts";
import { residualBytes } from "../index/format.ts";
import type { PlaidSetup } from "../index/open_index.ts";

/** An index as one thread sees it, with what every query needs. */
export interface PlaidEngine {
  readonly setup: PlaidSetup;
  readonly kernel: Kernel;
  /** fp16 or float32 `[partitions, dim]`. */
  readonly centroids: Rows;
  readonly segments: readonly EngineSegment[];
  /** What each byte of a residual means, where it is in buckets. */
  readonly buckets: EngineBuckets | null;
  /** Room that grows with the largest query; reused from search to search. */
  room(name: string, bytes: number): Uint8Array;
  close(): void;
}

/** What each byte of a residual means. */
export interface EngineBuckets extends BucketCodec {
  /** float32 `[256, 8 / nbits]`. */
  readonly byteWeights: Float32Array;
  readonly byteLevels: ReturnType<typeof byteLevels>;
}

/** What one thread sees of some neighbouring passages' files. */
export interface EngineSegment {
  /** Number of the first passage. */
  readonly first: number;
  readonly codes: Uint8Array;
  readonly residuals: Uint8Array;
  readonly norms: Uint8Array;
  readonly lists: Uint8Array;
  readonly listStarts: Float64Array;
  /** What each byte of `norms` means. */
  readonly normValues: Float32Array;
}

/** A query, laid out for the loops. */
export interface EngineQuery {
  readonly rows: number;
  readonly block: QueryBlock;
  /** Where products are made in int8. */
  readonly int8: QuantisedQueries | null;
  /** float32 `[partitions, stride]`: the products of centroids and query rows. */
  readonly table: Float32Array;
  /** Bound of all products: the largest norm of a query row. */
  readonly most: number;
  readonly scratch: Float32Array;
}

/** Below so many bits, tables of what each byte adds are faster than products of bytes, unless these are very fast. */
const TABLES_BELOW = 4;

/** Opens an index for one thread. */
export function openEngine(setup: PlaidSetup): PlaidEngine {
  const { header } = setup;
  const kernel = createKernel(setup.kernel);
  const reader = openRowReader(kernel, setup.access);
  const { codec } = setup;
  const rooms = new Map<string, Uint8Array>();
  return {
    setup,
    kernel,
    centroids: rowsOf(reader.read(setup.centroids), header.partitions * header.dim),
    segments: setup.segments.map(({ first, files, listStarts, norms: { least, step } }) => ({
      first,
      codes: reader.read(files.codes),
      residuals: reader.read(files.residuals),
      norms: reader.read(files.norms),
      lists: reader.read(files.lists),
      listStarts,
      normValues: Float32Array.from({ length: 256 }, (_, i) => least + i * step),
    })),
    buckets: codec.kind === "buckets"
      ? { ...codec, byteWeights: byteWeights(codec), byteLevels: byteLevels(codec) }
      : null,
    room(name, bytes) {
      let room = rooms.get(name);
      if (!room || room.length < bytes) {
        room = kernel.allocate(Math.ceil(bytes * 1.25));
        rooms.set(name, room);
      }
      return room;
    },
    close() {
      reader[Symbol.dispose]();
      kernel.close();
    },
  };
}

/**
 * Lays a query out, and multiplies it with all centroids.
 *
 * @param int8 whether products are made in int8
 */
export function openQuery(engine: PlaidEngine, query: Matrix, int8: boolean): EngineQuery {
  const { kernel, setup: { header: { partitions, dim }, centroidsI8 }, centroids } = engine;
  const block = blockQueries(kernel, [query]);
  const { data, vectors, stride, scratch } = block;
  const table = floatRoom(engine, "table", partitions * stride);
  const quantised = int8 ? quantiseQueries(kernel, [query]) : null;
  if (quantised) productsI8(kernel, quantised, centroidsI8!, table);
  else kernel.loops.products(data, vectors, dim, centroids, half(centroids), partitions, scratch, table);
  return {
    rows: query.rows,
    block,
    int8: quantised,
    table,
    most: largestNorm(query),
    scratch: scratchFloats(kernel, SCRATCH.codes(Math.max(stride, 16))),
  };
}

/** The largest product of each centroid, float32 `[partitions]`. */
export function largestProducts(
  { kernel, setup: { header } }: PlaidEngine,
  { table, block, rows }: EngineQuery,
): Float32Array {
  const largest = new Float32Array(header.partitions);
  kernel.loops.largest(table, header.partitions, block.stride, rows, largest);
  return largest;
}

function largestNorm({ data, rows, dim }: Matrix): number {
  let most = 0;
  for (let row = 0; row < rows; row++) {
    let squares = 0;
    for (let d = row * dim; d < (row + 1) * dim; d++) squares += data[d] * data[d];
    most = Math.max(most, squares);
  }
  return Math.sqrt(most);
}

/** Where some passages' tokens are, by segment. */
export interface Places {
  readonly groups: readonly PlaceGroup[];
  /** Passages. */
  readonly count: number;
  readonly tokens: number;
  /** Bytes of all their residuals. */
  readonly residualBytes: number;
}

/** Passages of one segment. */
interface PlaceGroup {
  readonly segment: EngineSegment;
  /** First of them among all that were asked for. */
  readonly from: number;
  readonly count: number;
  readonly starts: Float64Array;
  readonly lengths: Int32Array;
  /** First bytes of residuals that are lists. */
  readonly residualStarts: Float64Array;
}

/**
 * Looks up where passages' tokens are.
 *
 * @param numbers ascending
 */
export function placesOf({ setup, segments }: PlaidEngine, numbers: Int32Array): Places {
  const starts = new Float64Array(numbers.length);
  const lengths = new Int32Array(numbers.length);
  const lists = setup.residualLists;
  const residualStarts = new Float64Array(lists ? numbers.length : 0);
  let [tokens, listed] = [0, 0];
  for (let i = 0; i < numbers.length; i++) {
    starts[i] = setup.starts[numbers[i]];
    tokens += lengths[i] = setup.lengths[numbers[i]];
    if (!lists) continue;
    residualStarts[i] = lists.starts[numbers[i]];
    listed += lists.bytes[numbers[i]];
  }
  const groups: PlaceGroup[] = [];
  let from = 0;
  segments.forEach((segment, i) => {
    const end = segments[i + 1]?.first ?? Infinity;
    let until = from;
    if (end === Infinity) until = numbers.length;
    else while (until < numbers.length && numbers[until] < end) until++;
    if (until === from) return;
    const own = {
      starts: starts.subarray(from, until),
      lengths: lengths.subarray(from, until),
      residualStarts: residualStarts.subarray(from, until),
    };
    groups.push({ segment, from, count: until - from, ...own });
    from = until;
  });
  const each = residualBytes(setup.header.dim, setup.header.settings);
  return { groups, count: numbers.length, tokens, residualBytes: each === null ? listed : tokens * each };
}

/** The segment that a passage is in. */
export function segmentOf({ segments }: PlaidEngine, number: number): EngineSegment {
  return segments.findLast(({ first }) => first <= number)!;
}

/** Scores of passages, from what `score` writes for those of each segment. */
export function scoreGroups(
  { groups, count }: Places,
  score: (
    segment: EngineSegment,
    at: readonly [Float64Array, Int32Array, number],
    out: Float32Array,
    residualStarts: Float64Array,
  ) => void,
): Float32Array {
  const out = new Float32Array(count);
  for (const { segment, from, starts, lengths, count, residualStarts } of groups) {
    score(segment, [starts, lengths, count], out.subarray(from, from + count), residualStarts);
  }
  return out;
}

/** Scores by centroids alone; tokens count whose centroid is kept. A query row without such gets the engine's −9999. */
export function centroidScores(
  { kernel, setup: { header: { code_bytes } } }: PlaidEngine,
  { table, block: { stride }, rows, scratch }: EngineQuery,
  places: Places,
  keep: Uint8Array | null,
): Float32Array {
  return scoreGroups(places, ({ codes }, at, out) => {
    kernel.loops.centroid_scores(table, stride, rows, keep, codes, code_bytes, ...at, FLOOR, scratch, out);
  });
}

/** What a query row gets that finds no token (`filter_pids.cpp`). */
const FLOOR = -9999;

/** The same from a table in bytes, made here: exact sums of rounded products. */
export function centroidScoresI8(
  engine: PlaidEngine,
  { table, block: { stride }, rows, most, scratch }: EngineQuery,
  places: Places,
  keep: Uint8Array | null,
): Float32Array {
  const { kernel, setup: { header: { partitions, code_bytes } } } = engine;
  const bytes = engine.room("bytes", partitions * stride);
  // Products far below zero are nobody's maximum: the steps are spent on the rest.
  const least = -most / 8;
  kernel.loops.table_bytes(table, partitions, stride, rows, keep, least, (most - least) / 255 || 1, bytes);
  return scoreGroups(places, ({ codes }, at, out) => {
    kernel.loops.centroid_scores_i8(bytes, stride, codes, code_bytes, ...at, scratch, out);
  });
}

/** Exact MaxSim of decompressed vectors; tokens count whose centroid is kept. */
export function decompressedScores(
  { kernel, setup: { header: { code_bytes } }, centroids, buckets }: PlaidEngine,
  { block: { data, vectors, dim, stride }, rows }: EngineQuery,
  places: Places,
  keep: Uint8Array | null,
): Float32Array {
  const { nbits, byteWeights } = buckets!;
  const scratch = scratchFloats(kernel, SCRATCH.decompress(dim, stride));
  return scoreGroups(places, ({ codes, residuals }, at, out) => {
    const from = [codes, code_bytes, residuals, ...at, scratch, out] as const;
    kernel.loops.decompressed_scores(
      data,
      vectors,
      dim,
      rows,
      centroids,
      half(centroids),
      byteWeights,
      nbits,
      keep,
      ...from,
    );
  });
}

/** Whether scores of residuals are sums of table entries, one for each of their bytes. */
export function addsFromTables({ kernel, buckets }: PlaidEngine): boolean {
  return buckets === null || (buckets.nbits < TABLES_BELOW && !kernel.fastBytes);
}

/** MaxSim with residuals in int8, or with tables of what each of their bytes or steps adds. */
export function residualScores(engine: PlaidEngine, query: EngineQuery, places: Places): Float32Array {
  const { kernel, setup: { header: { dim, code_bytes }, codec } } = engine;
  const { table, block, rows, scratch } = query;
  if (codec.kind === "steps") {
    const steps = stepTable(engine, query, codec);
    return scoreGroups(places, ({ codes, residuals, norms, normValues }, at, out, residualStarts) => {
      const stored = [codes, code_bytes, residuals, residualStarts, norms, normValues, ...at, scratch, out] as const;
      kernel.loops.step_scores(table, block.stride, rows, steps, dim, codec.rice, ...stored);
    });
  }
  if (addsFromTables(engine)) {
    const { lut, bytes } = residualTable(engine, query);
    return scoreGroups(places, ({ codes, residuals, norms, normValues }, at, out) => {
      const stored = [codes, code_bytes, residuals, norms, normValues, ...at] as const;
      kernel.loops.residual_scores(table, block.stride, rows, lut, bytes, ...stored, scratch, out);
    });
  }
  const { data, width, offsets, factors } = query.int8!;
  const { nbits, byteLevels: { levels, scale } } = engine.buckets!;
  const scaled = factors.map((factor) => factor * scale);
  const room = scratchFloats(kernel, SCRATCH.bytes(width, block.stride));
  return scoreGroups(places, ({ codes, residuals, norms, normValues }, at, out) => {
    const from = [levels, nbits, codes, code_bytes, residuals, norms, normValues, ...at, room, out] as const;
    kernel.loops.residual_scores_i8(table, block.stride, rows, data, dim, width, offsets, scaled, ...from);
  });
}

/** What each byte of a residual adds to each product: float32 `[bytes, 256, stride]`. */
export function residualTable(
  engine: PlaidEngine,
  { block: { data, vectors, stride, scratch } }: EngineQuery,
): { readonly lut: Float32Array; readonly bytes: number } {
  const { kernel, setup: { header: { dim, settings }, codec } } = engine;
  const bytes = residualBytes(dim, settings)!;
  const lut = floatRoom(engine, "lut", bytes * 256 * stride);
  if (codec.kind === "buckets") kernel.loops.residual_table(data, vectors, dim, codec.weights, codec.nbits, lut);
  if (codec.kind === "product") {
    const [each, lanes] = [dim / bytes, stride / vectors];
    const part = scratchFloats(kernel, vectors * each * lanes);
    for (let byte = 0; byte < bytes; byte++) {
      for (let v = 0; v < vectors; v++) {
        const from = (v * dim + byte * each) * lanes;
        part.set(data.subarray(from, from + each * lanes), v * each * lanes);
      }
      const entries = codec.codebooks.subarray(byte * 256 * each, (byte + 1) * 256 * each);
      const own = lut.subarray(byte * 256 * stride, (byte + 1) * 256 * stride);
      kernel.loops.products(part, vectors, each, entries, 0, 256, scratch, own);
    }
  }
  return { lut, bytes };
}

/** What a step up or down in each dimension adds to each product: float32 `[dim, 2, stride]`. */
function stepTable(engine: PlaidEngine, { block }: EngineQuery, { width }: StepCodec): Float32Array {
  const { data, vectors, dim, stride } = block;
  const lanes = stride / vectors;
  const steps = floatRoom(engine, "steps", 2 * dim * stride);
  for (let d = 0; d < dim; d++) {
    for (let q = 0; q < stride; q++) {
      const value = width * data[(Math.floor(q / lanes) * dim + d) * lanes + q % lanes];
      steps[2 * d * stride + q] = value;
      steps[(2 * d + 1) * stride + q] = -value;
    }
  }
  return steps;
}

export function floatRoom(engine: PlaidEngine, name: string, count: number): Float32Array {
  const bytes = engine.room(name, 4 * count);
  return new Float32Array(bytes.buffer, bytes.byteOffset, count);
}
