import { badInput } from "../../../support/errors.ts";
import { numbersOfBits } from "../../passage_bits.ts";
import { scratchFloats } from "../../../kernels/maxsim.ts";
import { type EngineQuery, largestProducts, type PlaidEngine } from "./engine.ts";

/** Passages that the probed cells list, and which cells those are. */
export interface Candidates {
  /** Ascending. */
  readonly numbers: Int32Array<ArrayBuffer>;
  /** 1 for each probed cell, uint8 `[partitions]`. */
  readonly probed: Uint8Array;
  /** Cells of each query row; null where every row probes all of them. */
  readonly cells: RowCells | null;
  /** Bytes of the lists that were read. */
  readonly bytes: number;
}

/** Cells of each query row, best first. */
export interface RowCells {
  /** int32 `[rows, n]`; −1 for none. */
  readonly numbers: Int32Array;
  /** Their products, float32 `[rows, n]`. */
  readonly products: Float32Array;
}

/** A threshold for cells, and what it leaves out. */
export interface CellRule {
  readonly threshold: number;
  readonly leavesOut: "cells" | "further cells";
}

/**
 * Passages with a token in one of the `ncells` cells that are nearest to each query row (PLAID §4.2, stage 1).
 *
 * @param rule what a threshold leaves out: every cell whose largest product is smaller (next-plaid), or all but the nearest of a query
 *   row that has not `ncells` cells above it (EMVB)
 * @param allowed bits of the passages that may be found, uint32; null for all
 * @throws {LatebenchError} for a list that goes on beyond its end, or names a passage that is not there
 */
export function findCandidates(
  engine: PlaidEngine,
  query: EngineQuery,
  ncells: number,
  rule: CellRule | null,
  allowed: Uint32Array | null,
): Candidates {
  const { setup: { header: { partitions }, lengths }, kernel, segments } = engine;
  const { probed, cells } = probeCells(engine, query, Math.min(ncells, partitions), rule);
  const words = Math.ceil(lengths.length / 32);
  const room = engine.room("marked", 4 * words);
  const marked = new Uint32Array(room.buffer, room.byteOffset, words);
  let bytes = 0;
  const broken = new Int32Array(1);
  segments.forEach(({ first, passages, files, listStarts, lists }, i) => {
    const [starts, ends]: [number[], number[]] = [[], []];
    for (let cell = 0; cell < partitions; cell++) {
      if (!probed[cell] || listStarts[cell + 1] === listStarts[cell]) continue;
      starts.push(listStarts[cell]);
      ends.push(listStarts[cell + 1]);
      bytes += listStarts[cell + 1] - listStarts[cell];
    }
    const own = marked.subarray(first / 32, i + 1 < segments.length ? segments[i + 1].first / 32 : words);
    const places = [Float64Array.from(starts), Float64Array.from(ends), starts.length] as const;
    kernel.loops.mark_lists(lists, ...places, passages, own.length, own, broken);
    if (broken[0] === 0) return;
    const cell = listStarts.lastIndexOf(starts[broken[0] - 1]);
    throw badInput(
      files.lists.file,
      `a list of centroid ${cell} that is cut off or names too many`,
      `${passages} passages`,
    );
  });
  if (allowed) { for (let word = 0; word < words; word++) marked[word] &= allowed[word]; }
  return { numbers: numbersOfBits(marked), probed, cells, bytes };
}

function probeCells(
  engine: PlaidEngine,
  query: EngineQuery,
  ncells: number,
  rule: CellRule | null,
): Pick<Candidates, "probed" | "cells"> {
  const { setup: { header: { partitions } } } = engine;
  const probed = new Uint8Array(partitions);
  let cells: RowCells | null = null;
  if (ncells === partitions) probed.fill(1);
  else {
    cells = topCells(engine, query, ncells);
    const { numbers, products } = cells;
    if (rule?.leavesOut === "further cells") {
      for (let last = ncells - 1; last < numbers.length; last += ncells) {
        if (!(products[last] > rule.threshold)) numbers.fill(-1, last - ncells + 2, last + 1);
      }
    }
    for (const cell of numbers) if (cell >= 0) probed[cell] = 1;
  }
  if (rule?.leavesOut === "cells") {
    const largest = largestProducts(engine, query);
    for (let cell = 0; cell < partitions; cell++) if (largest[cell] < rule.threshold) probed[cell] = 0;
  }
  return { probed, cells };
}

/** The `k` cells with the largest products of each query row. */
export function topCells(
  { setup: { header: { partitions } }, kernel }: PlaidEngine,
  { table, rows, block: { stride } }: EngineQuery,
  k: number,
): RowCells {
  const products = new Float32Array(rows * k);
  const numbers = new Int32Array(rows * k);
  kernel.loops.top_cells(table, partitions, stride, rows, k, scratchFloats(kernel, stride), products, numbers);
  return { numbers, products };
}
