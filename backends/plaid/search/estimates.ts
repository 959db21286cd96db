import type { PlaidSetup } from "../index/open_index.ts";
import { topCells } from "./candidates.ts";
import type { EngineQuery, PlaidEngine } from "./engine.ts";

/** Cells that are looked through first; WARP's `bound`. */
const BOUND = 128;

/**
 * How many tokens a query row would have retrieved: what WARP takes without being told (`index_storage.py`; 100,000 for k above 100, as
 * its scripts have it). Below 1,000 it is not rounded down, which would leave nothing.
 */
export function defaultTPrime({ lengths, header: { partitions } }: PlaidSetup, k: number): number {
  if (partitions > 2 ** 16) return k > 100 ? 100_000 : 50_000;
  const root = Math.sqrt(8 * lengths.reduce((sum, length) => sum + length, 0));
  return root < 1000 ? Math.floor(root) : Math.floor(root / 1000) * 1000;
}

/**
 * What a passage gets from each query row that retrieves none of its tokens (XTR §3.2; WARP §4.3): the product of the cell at which the
 * tokens in nearer cells and in it become `wanted`. float32 `[rows]`.
 */
export function missingEstimates(engine: PlaidEngine, query: EngineQuery, wanted: number): Float32Array {
  const { setup: { header: { partitions }, cellTokens } } = engine;
  const estimates = new Float32Array(query.rows);
  for (let bound = Math.min(BOUND, partitions);; bound = Math.min(4 * bound, partitions)) {
    const { values, cells } = topCells(engine, query, bound);
    let enough = true;
    for (let row = 0; row < query.rows; row++) {
      let [tokens, place] = [0, -1];
      while (tokens < wanted && place + 1 < bound) tokens += cellTokens![cells[row * bound + ++place]];
      estimates[row] = values[row * bound + Math.max(place, 0)];
      enough &&= tokens >= wanted;
    }
    if (enough || bound === partitions) return estimates;
  }
}
