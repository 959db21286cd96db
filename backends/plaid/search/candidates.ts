import { numbersOfBits } from "../../passage_bits.ts";
import { scratchFloats } from "../../../kernels/maxsim.ts";
import { type EngineQuery, largestProducts, type PlaidEngine } from "./engine.ts";

/** Passages that the probed cells list, and which cells those are. */
export interface Candidates {
  /** Ascending. */
  readonly numbers: Int32Array<ArrayBuffer>;
  /** 1 for each probed cell, uint8 `[partitions]`. */
  readonly probed: Uint8Array;
  /** Bytes of the lists that were read. */
  readonly bytes: number;
}

/**
 * Passages with a token in one of the `ncells` cells that are nearest to each query row (PLAID §4.2, stage 1).
 *
 * @param threshold cells whose largest product is smaller are not probed
 * @param allowed bits of the passages that may be found, uint32; null for all
 */
export function findCandidates(
  engine: PlaidEngine,
  query: EngineQuery,
  ncells: number,
  threshold: number | null,
  allowed: Uint32Array | null,
): Candidates {
  const { setup: { header: { partitions }, lengths }, kernel, segments } = engine;
  const probed = probeCells(engine, query, Math.min(ncells, partitions), threshold);
  const words = Math.ceil(lengths.length / 32);
  const room = engine.room("marked", 4 * words);
  const marked = new Uint32Array(room.buffer, room.byteOffset, words);
  let bytes = 0;
  segments.forEach(({ first, listStarts, lists }, i) => {
    const starts: number[] = [];
    for (let cell = 0; cell < partitions; cell++) {
      if (!probed[cell] || listStarts[cell + 1] === listStarts[cell]) continue;
      starts.push(listStarts[cell]);
      bytes += listStarts[cell + 1] - listStarts[cell];
    }
    const own = marked.subarray(first / 32, i + 1 < segments.length ? segments[i + 1].first / 32 : words);
    kernel.loops.mark_lists(lists, Float64Array.from(starts), starts.length, own.length, own);
  });
  if (allowed) { for (let word = 0; word < words; word++) marked[word] &= allowed[word]; }
  return { numbers: numbersOfBits(marked), probed, bytes };
}

function probeCells(
  engine: PlaidEngine,
  query: EngineQuery,
  ncells: number,
  threshold: number | null,
): Uint8Array {
  const { setup: { header: { partitions } }, kernel } = engine;
  const { table, rows, block: { stride } } = query;
  const probed = new Uint8Array(partitions);
  if (ncells === partitions) probed.fill(1);
  else {
    const values = new Float32Array(rows * ncells);
    const cells = new Int32Array(rows * ncells);
    kernel.loops.top_cells(table, partitions, stride, rows, ncells, scratchFloats(kernel, stride), values, cells);
    for (const cell of cells) probed[cell] = 1;
  }
  if (threshold !== null) {
    const largest = largestProducts(engine, query);
    for (let cell = 0; cell < partitions; cell++) if (largest[cell] < threshold) probed[cell] = 0;
  }
  return probed;
}
