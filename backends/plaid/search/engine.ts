import type { Matrix } from "../../../encoders/encoder.ts";
import { badInput } from "../../../support/errors.ts";
import { createKernel, type Kernel } from "../../../kernels/kernel.ts";
import { type Rows, SCRATCH } from "../../../kernels/loops.ts";
import { blockQueries, half, type QueryBlock, scratchFloats } from "../../../kernels/maxsim.ts";
import { productsI8, type QuantisedQueries, quantiseQueries } from "../../../kernels/maxsim_i8.ts";
import { openRowReader, rowsOf } from "../../vectors/rows.ts";
import { type BucketCodec, byteLevels } from "../index/codec.ts";
import { type ByteMeaning, byteMeaning } from "../index/decode.ts";
import type { PlaidSetup } from "../index/open_index.ts";

/** An index as one thread sees it, with what every query needs. */
export interface PlaidEngine {
  readonly setup: PlaidSetup;
  readonly kernel: Kernel;
  /** fp16 or float32 `[partitions, dim]`. */
  readonly centroids: Rows;
  readonly segments: readonly EngineSegment[];
  /** What each byte of a residual means; null for residuals in steps. */
  readonly meaning: ByteMeaning | null;
  /** Residuals in buckets. */
  readonly buckets: EngineBuckets | null;
  /** Room that grows with the largest query; reused from search to search. */
  room(name: string, bytes: number): Uint8Array;
  close(): void;
}

/** Buckets, and what bytes of them mean in int8. */
export interface EngineBuckets extends BucketCodec {
  readonly byteLevels: ReturnType<typeof byteLevels>;
}

/** What one thread sees of some neighbouring passages' files. */
export interface EngineSegment {
  /** Number of the first passage. */
  readonly first: number;
  readonly passages: number;
  readonly files: PlaidSetup["segments"][number]["files"];
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
  readonly matrix: Matrix;
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
    segments: setup.segments.map(({ first, passages, files, listStarts, norms: { least, step } }) => ({
      first,
      passages,
      files,
      codes: reader.read(files.codes),
      residuals: reader.read(files.residuals),
      norms: reader.read(files.norms),
      lists: reader.read(files.lists),
      listStarts,
      normValues: Float32Array.from({ length: 256 }, (_, i) => least + i * step),
    })),
    meaning: codec.kind === "steps" ? null : byteMeaning(codec, header.dim),
    buckets: codec.kind === "buckets" ? { ...codec, byteLevels: byteLevels(codec) } : null,
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
 * @throws {LatebenchError} for a query of other dimensions
 */
export function openQuery(engine: PlaidEngine, query: Matrix, int8: boolean): EngineQuery {
  const { kernel, setup: { header: { partitions, dim }, centroidsI8 }, centroids } = engine;
  checkQuery(engine, query);
  const block = blockQueries(kernel, [query]);
  const { data, vectors, stride, scratch } = block;
  const table = floatRoom(engine, "table", partitions * stride);
  const quantised = int8 ? quantiseQueries(kernel, [query]) : null;
  if (quantised) productsI8(kernel, quantised, centroidsI8!, table);
  else kernel.loops.products(data, vectors, dim, centroids, half(centroids), partitions, scratch, table);
  return {
    matrix: query,
    rows: query.rows,
    block,
    int8: quantised,
    table,
    most: largestNorm(query),
    scratch: scratchFloats(kernel, SCRATCH.codes(Math.max(stride, 16))),
  };
}

/**
 * Checks that a query has the index's dimensions: what an index says of its encoder need not be so.
 *
 * @throws {LatebenchError} where it has not
 */
export function checkQuery({ setup: { header, centroids } }: PlaidEngine, { dim }: Matrix): void {
  if (dim !== header.dim) throw badInput(centroids.file, `${header.dim} dimensions`, `${dim}, as the query has`);
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

/** Room for floats, as `PlaidEngine.room` gives it. */
export function floatRoom(engine: PlaidEngine, name: string, count: number): Float32Array {
  const bytes = engine.room(name, 4 * count);
  return new Float32Array(bytes.buffer, bytes.byteOffset, count);
}
