import { byteWeights } from "../../../backends/plaid/index/codec.ts";
import { openEngine, segmentOf } from "../../../backends/plaid/search/engine.ts";
import type { PlaidSetup } from "../../../backends/plaid/index/open_index.ts";
import type { Matrix } from "../../../encoders/encoder.ts";

/** An index, decompressed by plain code: what the loops have to agree with. */
export interface PlainIndex {
  readonly centroids: readonly Float64Array[];
  /** Codes of each passage's tokens. */
  readonly codes: readonly (readonly number[])[];
  /** Unit vectors of each passage's tokens. */
  readonly vectors: readonly (readonly Float64Array[])[];
}

/** Reads an index by the definition of its files. */
export function decompressIndex(setup: PlaidSetup): PlainIndex {
  const engine = openEngine({ ...setup, kernel: { name: "reference" }, access: "resident", ...readAll(setup) });
  const { dim, code_bytes, settings: { nbits }, partitions } = setup.header;
  const values = new Float16Array(engine.centroids.buffer, engine.centroids.byteOffset, engine.centroids.length);
  const centroids = Array.from(
    { length: partitions },
    (_, c) => Float64Array.from(values.subarray(c * dim, (c + 1) * dim)),
  );
  const weights = byteWeights({ nbits, weights: engine.weights });
  const each = 8 / nbits;
  const codes: number[][] = [];
  const vectors: Float64Array[][] = [];
  for (let passage = 0; passage < setup.lengths.length; passage++) {
    const segment = segmentOf(engine, passage);
    const tokens = Array.from({ length: setup.lengths[passage] }, (_, i) => setup.starts[passage] + i);
    codes.push(tokens.map((token) => {
      let code = 0;
      for (let byte = code_bytes - 1; byte >= 0; byte--) code = code * 256 + segment.codes[token * code_bytes + byte];
      return code;
    }));
    vectors.push(tokens.map((token, i) => {
      const vector = centroids[codes[passage][i]].map((value, d) => {
        const residual = segment.residuals[(token * dim) / each + Math.floor(d / each)];
        return value + weights[residual * each + d % each];
      });
      const norm = Math.hypot(...vector);
      return vector.map((value) => value / norm);
    }));
  }
  return { centroids, codes, vectors };
}

function readAll({ centroids, segments }: PlaidSetup): Pick<PlaidSetup, "centroids" | "segments"> {
  const read = ({ file, bytes }: PlaidSetup["centroids"]) => {
    const shared = new Uint8Array(new SharedArrayBuffer(bytes));
    shared.set(Deno.readFileSync(file));
    return { file, bytes, shared };
  };
  return {
    centroids: read(centroids),
    segments: segments.map((segment) => {
      const { codes, residuals, norms, lists } = segment.files;
      return {
        ...segment,
        files: { codes: read(codes), residuals: read(residuals), norms: read(norms), lists: read(lists) },
      };
    }),
  };
}

/** MaxSim by definition. */
export function maxsimOf(query: Matrix, vectors: readonly Float64Array[]): number {
  let sum = 0;
  for (let row = 0; row < query.rows; row++) sum += Math.max(...vectors.map((vector) => dotRow(query, row, vector)));
  return sum;
}

/** Which stages a search has: what differs between the engines. */
export interface PlainPlan {
  readonly ncells: number;
  readonly ndocs: number;
  readonly full: number;
  /** Tokens below it do not count in the first scores. */
  readonly tokenThreshold?: number;
  /** Cells below it are not probed. */
  readonly cellThreshold?: number;
  /** First scores are of decompressed tokens in probed cells. */
  readonly probedTokens?: boolean;
  /** Scores of all tokens by centroids choose `full`. */
  readonly second: boolean;
}

/** A search in PLAID's stages (`candidate_generation.py`, `index_storage.py`, `filter_pids.cpp`), written down plainly. */
export function plainSearch(
  index: PlainIndex,
  query: Matrix,
  k: number,
  plan: PlainPlan,
): { number: number; score: number }[] {
  const { centroids, codes, vectors } = index;
  const scores = centroids.map((centroid) =>
    Array.from({ length: query.rows }, (_, row) => dotRow(query, row, centroid))
  );
  const largest = scores.map((products) => Math.max(...products));
  const cells = new Set<number>();
  for (let row = 0; row < query.rows; row++) {
    const order = centroids.map((_, c) => c).sort((a, b) => scores[b][row] - scores[a][row] || a - b);
    for (const cell of order.slice(0, plan.ncells)) {
      if (plan.cellThreshold === undefined || largest[cell] >= plan.cellThreshold) cells.add(cell);
    }
  }
  let left = codes.map((_, number) => number).filter((number) => codes[number].some((code) => cells.has(code)));
  const byCentroids = (threshold: number) => (number: number) => {
    let sum = 0;
    for (let row = 0; row < query.rows; row++) {
      let best = -9999;
      for (const code of codes[number]) if (largest[code] >= threshold) best = Math.max(best, scores[code][row]);
      sum += best;
    }
    return sum;
  };
  const narrow = (most: number, score: (number: number) => number) => {
    const scored = left.map((number) => ({ number, score: score(number) }));
    left = best(scored, most).map(({ number }) => number).sort((a, b) => a - b);
  };
  if (plan.probedTokens) {
    narrow(plan.ndocs, (number) => maxsimOf(query, vectors[number].filter((_, t) => cells.has(codes[number][t]))));
  } else if (plan.tokenThreshold !== undefined) narrow(plan.ndocs, byCentroids(plan.tokenThreshold));
  if (plan.second) narrow(plan.full, byCentroids(-Infinity));
  return best(left.map((number) => ({ number, score: maxsimOf(query, vectors[number]) })), k);
}

function best<T extends { number: number; score: number }>(scored: T[], most: number): T[] {
  return scored.sort((a, b) => b.score - a.score || a.number - b.number).slice(0, most);
}

function dotRow({ data, dim }: Matrix, row: number, vector: Float64Array): number {
  let sum = 0;
  for (let d = 0; d < dim; d++) sum += data[row * dim + d] * vector[d];
  return sum;
}
