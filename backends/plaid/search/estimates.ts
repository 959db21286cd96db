import type { PlaidSetup } from "../index/open_index.ts";
import { type RowCells, topCells } from "./candidates.ts";
import type { EngineQuery, PlaidEngine } from "./engine.ts";

/** Cells that are looked through where none are known; WARP's `bound`. */
const BOUND = 128;

/**
 * How many tokens a query row would have retrieved: what WARP takes without being told (`index_storage.py`; 100,000 for k above 100, as
 * its scripts have it). Below 1,000 it is not rounded down, which would leave nothing.
 */
export function defaultTPrime({ tokens, header: { partitions } }: PlaidSetup, k: number): number {
  if (partitions > 2 ** 16) return k > 100 ? 100_000 : 50_000;
  const root = Math.sqrt(8 * tokens);
  return root < 1000 ? Math.floor(root) : Math.floor(root / 1000) * 1000;
}

/**
 * What a passage gets from each query row that retrieves none of its tokens (XTR's imputation, as WARP's selection of cells has it): the
 * product of the cell at which the tokens in nearer cells and in it become `wanted`. float32 `[rows]`.
 *
 * @param known cells that were found already; more are looked for where they hold too few tokens
 */
export function missingEstimates(
  engine: PlaidEngine,
  query: EngineQuery,
  wanted: number,
  known: RowCells | null,
): Float32Array {
  const { rows } = query;
  const { header: { partitions }, cellTokens } = engine.setup;
  const estimates = new Float32Array(rows);
  let cells = known ?? topCells(engine, query, Math.min(BOUND, partitions));
  for (;;) {
    const bound = cells.numbers.length / rows;
    let enough = true;
    for (let row = 0; row < rows; row++) {
      let [tokens, place] = [0, -1];
      while (tokens < wanted && place + 1 < bound) tokens += cellTokens![cells.numbers[row * bound + ++place]];
      estimates[row] = cells.products[row * bound + Math.max(place, 0)];
      enough &&= tokens >= wanted;
    }
    if (enough || bound === partitions) return estimates;
    cells = topCells(engine, query, Math.min(4 * bound, partitions));
  }
}
