import type { Stage } from "../../backend.ts";
import { SCRATCH } from "../../../kernels/loops.ts";
import { scratchFloats } from "../../../kernels/maxsim.ts";
import { residualBytes } from "../index/format.ts";
import { type EngineQuery, floatRoom, type PlaidEngine } from "./engine.ts";
import { type Places, scoreGroups } from "./places.ts";
import { residualTable } from "./residual_scores.ts";

/*
 * Scores that are sums of a centroid's product and of a residual's: no vector is made unit length.
 */

/**
 * Scores from the cells that each query row probes (WARP's implicit decompression): a token counts for the rows that probe its cell, and a
 * row that probes none of a passage's cells gets its estimate.
 *
 * @param cells int32 `[rows, n]`, −1 for none; null where every row probes all of them
 * @param missing float32 `[rows]`
 */
export function probedScores(
  engine: PlaidEngine,
  query: EngineQuery,
  places: Places,
  cells: Int32Array | null,
  missing: Float32Array,
): Float32Array {
  const { kernel, setup: { header: { dim, code_bytes } } } = engine;
  const { matrix, block: { stride }, rows } = query;
  if (!engine.meaning) throw new Error("lists of steps cannot be read token by token");
  const { meaning, each, apart } = engine.meaning;
  const { slots, table } = probedTable(engine, query, cells);
  const scratch = scratchFloats(kernel, SCRATCH.probed(dim, stride));
  return scoreGroups(places, ({ codes, residuals }, at, out) => {
    const stored = [codes, code_bytes, residuals, missing, ...at, scratch, out] as const;
    kernel.loops.probed_scores(table, stride, rows, slots, matrix.data, dim, meaning, each, apart, ...stored);
  });
}

/** Work of {@link probedScores}: products of the probed cells' tokens (more than were made, where a filter leaves some out). */
export function probedWork(
  { setup: { header: { dim, code_bytes, settings }, cellTokens } }: PlaidEngine,
  { rows }: EngineQuery,
  { tokens }: Places,
  cells: Int32Array | null,
): Pick<Stage, "macs" | "bytes"> {
  const tokensIn = (probed: Iterable<number>) => {
    let sum = 0;
    for (const cell of probed) if (cell >= 0) sum += cellTokens![cell];
    return sum;
  };
  const products = cells === null ? rows * tokens : tokensIn(cells);
  const read = cells === null ? tokens : tokensIn(new Set(cells));
  return {
    macs: { float: products * dim, integer: 0 },
    bytes: tokens * code_bytes + read * residualBytes(dim, settings)!,
  };
}

/** The products of probed cells, −∞ where a row does not probe one, and where each cell's are. */
function probedTable(
  engine: PlaidEngine,
  { table, rows, block: { stride } }: EngineQuery,
  cells: Int32Array | null,
): { readonly slots: Int32Array; readonly table: Float32Array } {
  const { partitions } = engine.setup.header;
  if (cells === null) return { slots: Int32Array.from({ length: partitions }, (_, cell) => cell), table };
  const slots = new Int32Array(partitions).fill(-1);
  let probed = 0;
  for (const cell of cells) if (cell >= 0 && slots[cell] < 0) slots[cell] = probed++;
  const own = floatRoom(engine, "probed", probed * stride).fill(-Infinity, 0, probed * stride);
  const each = cells.length / rows;
  cells.forEach((cell, i) => {
    const row = Math.floor(i / each);
    if (cell >= 0) own[slots[cell] * stride + row] = table[cell * stride + row];
  });
  return { slots, table: own };
}

/** How many query rows have a token whose centroid's product is above the threshold (EMVB, equation 4). */
export function closeRows(
  engine: PlaidEngine,
  { table, rows, block: { stride } }: EngineQuery,
  places: Places,
  threshold: number,
): Float32Array {
  const { kernel, setup: { header: { partitions, code_bytes } } } = engine;
  const words = Math.ceil(rows / 32);
  const room = engine.room("bits", 4 * partitions * words);
  const bits = new Uint32Array(room.buffer, room.byteOffset, partitions * words);
  kernel.loops.close_bits(table, partitions, stride, rows, threshold, bits);
  return scoreGroups(places, ({ codes }, at, out) => {
    kernel.loops.bit_scores(bits, words, codes, code_bytes, ...at, out);
  });
}

/** Scores of the tokens whose centroid's product is above the threshold, for each query row; of all tokens where there are none (EMVB, equation 6). */
export function closeScores(engine: PlaidEngine, query: EngineQuery, places: Places, threshold: number): Float32Array {
  const { kernel, setup: { header: { code_bytes } } } = engine;
  const { table, rows, block: { stride } } = query;
  const { lut, bytes } = residualTable(engine, query);
  const scratch = scratchFloats(kernel, SCRATCH.codes(stride));
  return scoreGroups(places, ({ codes, residuals }, at, out) => {
    const stored = [lut, bytes, codes, code_bytes, residuals, ...at, scratch, out] as const;
    kernel.loops.close_scores(table, stride, rows, threshold, ...stored);
  });
}
