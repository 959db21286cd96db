import { badInput } from "../../../support/errors.ts";
import { SCRATCH } from "../../../kernels/loops.ts";
import { half, scratchFloats } from "../../../kernels/maxsim.ts";
import type { StepCodec } from "../index/codec.ts";
import { residualBytes } from "../index/format.ts";
import { type EngineQuery, floatRoom, type PlaidEngine } from "./engine.ts";
import { type Places, scoreGroups } from "./places.ts";

/** Below so many bits, tables of what each byte adds are faster than products of bytes, unless these are very fast. */
const TABLES_BELOW = 4;

/** Exact MaxSim of decompressed vectors; tokens count whose centroid is kept. */
export function decompressedScores(
  { kernel, setup: { header: { code_bytes } }, centroids, buckets, meaning }: PlaidEngine,
  { block: { data, vectors, dim, stride }, rows }: EngineQuery,
  places: Places,
  keep: Uint8Array | null,
): Float32Array {
  const { nbits } = buckets!;
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
      meaning!.meaning,
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
    return scoreGroups(places, ({ files, codes, residuals, norms, normValues }, at, out, lists) => {
      const { residualStarts, residualEnds } = lists;
      const stored = [codes, code_bytes, residuals, residualStarts, residualEnds, norms, normValues] as const;
      kernel.loops.step_scores(table, block.stride, rows, steps, dim, codec.rice, ...stored, ...at, scratch, out);
      if (out.some(Number.isNaN)) {
        throw badInput(files.residuals.file, "residuals that are cut off", "a passage's whole list of steps");
      }
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
