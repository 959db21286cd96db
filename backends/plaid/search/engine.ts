import type { Matrix } from "../../../encoders/encoder.ts";
import { createKernel, type Kernel } from "../../../kernels/kernel.ts";
import { SCRATCH } from "../../../kernels/loops.ts";
import { blockQueries, type QueryBlock, scratchFloats } from "../../../kernels/maxsim.ts";
import { productsI8, type QuantisedQueries, quantiseQueries } from "../../../kernels/maxsim_i8.ts";
import { halves, openRowReader } from "../../vectors/rows.ts";
import { byteLevels, byteWeights } from "../index/codec.ts";
import type { PlaidSetup } from "../index/open_index.ts";

/** An index as one thread sees it, with what every query needs. */
export interface PlaidEngine {
  readonly setup: PlaidSetup;
  readonly kernel: Kernel;
  /** fp16 `[partitions, dim]`. */
  readonly centroids: Uint16Array;
  readonly codes: Uint8Array;
  readonly residuals: Uint8Array;
  readonly norms: Uint8Array;
  readonly lists: Uint8Array;
  readonly weights: Float32Array;
  /** What each byte of a residual means. */
  readonly byteWeights: Float32Array;
  readonly byteLevels: ReturnType<typeof byteLevels>;
  readonly normValues: Float32Array;
  /** Room that grows with the largest query; reused from search to search. */
  room(name: string, bytes: number): Uint8Array;
  close(): void;
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
  const { files, header } = setup;
  const kernel = createKernel(setup.kernel);
  const reader = openRowReader(kernel, setup.access);
  const codec = { nbits: header.settings.nbits, weights: Float32Array.from(header.weights) };
  const rooms = new Map<string, Uint8Array>();
  const { least, step } = header.norms;
  return {
    setup,
    kernel,
    centroids: halves(reader.read(files.centroids)),
    codes: reader.read(files.codes),
    residuals: reader.read(files.residuals),
    norms: reader.read(files.norms),
    lists: reader.read(files.lists),
    weights: codec.weights,
    byteWeights: byteWeights(codec),
    byteLevels: byteLevels(codec),
    normValues: Float32Array.from({ length: 256 }, (_, i) => least + i * step),
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
  else kernel.loops.products(data, vectors, dim, centroids, 1, partitions, scratch, table);
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

/** Where some passages' tokens are. */
export interface Places {
  readonly starts: Float64Array;
  readonly lengths: Int32Array;
  readonly count: number;
  readonly tokens: number;
}

/** Looks up where passages' tokens are. */
export function placesOf({ setup }: PlaidEngine, numbers: Int32Array): Places {
  const starts = new Float64Array(numbers.length);
  const lengths = new Int32Array(numbers.length);
  let tokens = 0;
  for (let i = 0; i < numbers.length; i++) {
    starts[i] = setup.starts[numbers[i]];
    tokens += lengths[i] = setup.lengths[numbers[i]];
  }
  return { starts, lengths, count: numbers.length, tokens };
}

/** Scores by centroids alone; tokens count whose centroid is kept. A query row without such gets the engine's −9999. */
export function centroidScores(
  { kernel, setup: { header }, codes }: PlaidEngine,
  { table, block: { stride }, rows, scratch }: EngineQuery,
  { starts, lengths, count }: Places,
  keep: Uint8Array | null,
): Float32Array {
  const out = new Float32Array(count);
  const to = [starts, lengths, count, FLOOR, scratch, out] as const;
  kernel.loops.centroid_scores(table, stride, rows, keep, codes, header.code_bytes, ...to);
  return out;
}

/** What a query row gets that finds no token (`filter_pids.cpp`). */
const FLOOR = -9999;

/** The same from a table in bytes, made here: exact sums of rounded products. */
export function centroidScoresI8(
  engine: PlaidEngine,
  { table, block: { stride }, rows, most, scratch }: EngineQuery,
  { starts, lengths, count }: Places,
  keep: Uint8Array | null,
): Float32Array {
  const { kernel, setup: { header: { partitions, code_bytes } }, codes } = engine;
  const bytes = engine.room("bytes", partitions * stride);
  // Products far below zero are nobody's maximum: the steps are spent on the rest.
  const least = -most / 8;
  kernel.loops.table_bytes(table, partitions, stride, rows, keep, least, (most - least) / 255 || 1, bytes);
  const out = new Float32Array(count);
  kernel.loops.centroid_scores_i8(bytes, stride, codes, code_bytes, starts, lengths, count, scratch, out);
  return out;
}

/** Exact MaxSim of decompressed vectors; tokens count whose centroid is kept. */
export function decompressedScores(
  { kernel, setup: { header }, centroids, byteWeights, codes, residuals }: PlaidEngine,
  { block: { data, vectors, dim, stride }, rows }: EngineQuery,
  { starts, lengths, count }: Places,
  keep: Uint8Array | null,
): Float32Array {
  const out = new Float32Array(count);
  const { settings: { nbits }, code_bytes } = header;
  const scratch = scratchFloats(kernel, SCRATCH.decompress(dim, stride));
  const to = [codes, code_bytes, residuals, starts, lengths, count, scratch, out] as const;
  kernel.loops.decompressed_scores(data, vectors, dim, rows, centroids, 1, byteWeights, nbits, keep, ...to);
  return out;
}

/** Whether scores of residuals are sums of table entries, one for each of their bytes. */
export function addsFromTables({ kernel, setup: { header } }: PlaidEngine): boolean {
  return header.settings.nbits < TABLES_BELOW && !kernel.fastBytes;
}

/** MaxSim with residuals in int8, or with tables of what each of their bytes adds. */
export function residualScores(engine: PlaidEngine, query: EngineQuery, places: Places): Float32Array {
  const { kernel, setup: { header }, codes, residuals, norms, normValues, weights } = engine;
  const { dim, code_bytes, settings: { nbits } } = header;
  const { table, block, rows, scratch } = query;
  const { starts, lengths, count } = places;
  const out = new Float32Array(count);
  const stored = [codes, code_bytes, residuals, norms, normValues, starts, lengths, count] as const;
  if (addsFromTables(engine)) {
    const bytes = dim * nbits / 8;
    const lut = floatRoom(engine, "lut", bytes * 256 * block.stride);
    kernel.loops.residual_table(block.data, block.vectors, dim, weights, nbits, lut);
    kernel.loops.residual_scores(table, block.stride, rows, lut, bytes, ...stored, scratch, out);
    return out;
  }
  const { data, width, offsets, factors } = query.int8!;
  const { levels, scale } = engine.byteLevels;
  const scaled = factors.map((factor) => factor * scale);
  const room = scratchFloats(kernel, SCRATCH.bytes(width, block.stride));
  const to = [levels, nbits, ...stored, room, out] as const;
  kernel.loops.residual_scores_i8(table, block.stride, rows, data, dim, width, offsets, scaled, ...to);
  return out;
}

function floatRoom(engine: PlaidEngine, name: string, count: number): Float32Array {
  const bytes = engine.room(name, 4 * count);
  return new Float32Array(bytes.buffer, bytes.byteOffset, count);
}
