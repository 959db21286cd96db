import { decodePassage } from "../../../backends/plaid/index/decode.ts";
import { openEngine } from "../../../backends/plaid/search/engine.ts";
import { segmentOf } from "../../../backends/plaid/search/places.ts";
import type { PlaidSetup } from "../../../backends/plaid/index/open_index.ts";
import type { Matrix } from "../../../encoders/encoder.ts";

/** An index, decompressed by plain code: what the loops have to agree with. */
export interface PlainIndex {
  readonly centroids: readonly Float64Array[];
  /** Codes of each passage's tokens. */
  readonly codes: readonly (readonly number[])[];
  /** Vectors of each passage's tokens: unit length, or times the stored norms where residuals are not in buckets. */
  readonly vectors: readonly (readonly Float64Array[])[];
  /** The same as they are stored: centroid and residual, not made unit length. */
  readonly sums: readonly (readonly Float64Array[])[];
}

/** Reads an index by the definition of its files. */
export function decompressIndex(setup: PlaidSetup): PlainIndex {
  const engine = openEngine({ ...setup, kernel: { name: "reference" }, access: "resident", ...readAll(setup) });
  const { dim, code_bytes, partitions } = setup.header;
  const values = new Float16Array(engine.centroids.buffer, engine.centroids.byteOffset, engine.centroids.length);
  const centroids = Array.from(
    { length: partitions },
    (_, c) => Float64Array.from(values.subarray(c * dim, (c + 1) * dim)),
  );
  const decode = decodePassage(setup.codec, dim);
  const codes: number[][] = [];
  const vectors: Float64Array[][] = [];
  const sums: Float64Array[][] = [];
  for (let passage = 0; passage < setup.lengths.length; passage++) {
    const segment = segmentOf(engine, passage);
    const tokens = Array.from({ length: setup.lengths[passage] }, (_, i) => setup.starts[passage] + i);
    codes.push(tokens.map((token) => {
      let code = 0;
      for (let byte = code_bytes - 1; byte >= 0; byte--) code = code * 256 + segment.codes[token * code_bytes + byte];
      return code;
    }));
    const start = setup.residualLists?.starts[passage] ?? 0;
    const bytes = setup.residualLists?.bytes[passage] ?? 0;
    const rest = decode(segment.residuals, { first: setup.starts[passage], tokens: tokens.length, start, bytes });
    sums.push(tokens.map((_, i) => centroids[codes[passage][i]].map((value, d) => value + rest[i * dim + d])));
    vectors.push(sums[passage].map((vector, i) => {
      const factor = setup.codec.kind === "buckets"
        ? 1 / Math.hypot(...vector)
        : segment.normValues[segment.norms[setup.starts[passage] + i]];
      return vector.map((value) => value * factor);
    }));
  }
  return { centroids, codes, vectors, sums };
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

/** How many tokens all query rows find in the cells that they probe, and how many tokens lie in a cell that is probed. */
export function probedTokens(
  { centroids, codes }: PlainIndex,
  query: Matrix,
  ncells: number,
): { readonly products: number; readonly read: number } {
  const all = codes.flat();
  const cells = new Set<number>();
  let products = 0;
  for (let row = 0; row < query.rows; row++) {
    const scores = centroids.map((centroid) => dotRow(query, row, centroid));
    const own = new Set(
      centroids.map((_, c) => c).sort((a, b) => scores[b] - scores[a] || a - b).slice(0, ncells),
    );
    for (const cell of own) cells.add(cell);
    products += all.filter((code) => own.has(code)).length;
  }
  return { products, read: all.filter((code) => cells.has(code)).length };
}

/** A search as WARP and XTR do it (`warp/engine/search`), written down plainly. */
export function plainWarp(
  { centroids, codes, sums }: PlainIndex,
  query: Matrix,
  k: number,
  { ncells, wanted }: { readonly ncells: number; readonly wanted: number },
): { number: number; score: number }[] {
  const sizes = new Map<number, number>();
  for (const code of codes.flat()) sizes.set(code, (sizes.get(code) ?? 0) + 1);
  const rows = Array.from({ length: query.rows }, (_, row) => {
    const products = centroids.map((centroid) => dotRow(query, row, centroid));
    const order = centroids.map((_, c) => c).sort((a, b) => products[b] - products[a] || a - b);
    let [tokens, place] = [0, 0];
    while (place < order.length && tokens < wanted) tokens += sizes.get(order[place++]) ?? 0;
    return { probed: new Set(order.slice(0, ncells)), missing: products[order[Math.max(place - 1, 0)]] };
  });
  const scored = codes.flatMap((own, number) => {
    if (!own.some((code) => rows.some(({ probed }) => probed.has(code)))) return [];
    const score = rows.reduce((sum, { probed, missing }, row) => {
      const found = own.flatMap((code, t) => probed.has(code) ? [dotRow(query, row, sums[number][t])] : []);
      return sum + (found.length > 0 ? Math.max(...found) : missing);
    }, 0);
    return [{ number, score }];
  });
  return best(scored, k);
}

/** A search in EMVB's phases (`DocumentScorer.hpp`; ECIR 2024, §4), written down plainly. */
export function plainEmvb(
  { centroids, codes, sums }: PlainIndex,
  query: Matrix,
  k: number,
  { ncells, threshold, ndocs, full, termThreshold }: {
    readonly ncells: number;
    readonly threshold: number;
    readonly ndocs: number;
    readonly full: number;
    readonly termThreshold: number;
  },
): { number: number; score: number }[] {
  const rows = Array.from({ length: query.rows }, (_, row) => row);
  const products = centroids.map((centroid) => rows.map((row) => dotRow(query, row, centroid)));
  const cells = new Set<number>();
  for (const row of rows) {
    const order = centroids.map((_, c) => c).sort((a, b) => products[b][row] - products[a][row] || a - b);
    const above = order.filter((cell) => products[cell][row] > threshold).length;
    for (const cell of order.slice(0, above >= ncells ? ncells : 1)) cells.add(cell);
  }
  let left = codes.map((_, number) => number).filter((number) => codes[number].some((code) => cells.has(code)));
  const narrow = (most: number, score: (number: number) => number) => {
    const scored = left.map((number) => ({ number, score: score(number) }));
    left = best(scored, most).map(({ number }) => number).sort((a, b) => a - b);
  };
  narrow(ndocs, (number) => rows.filter((row) => codes[number].some((code) => products[code][row] > threshold)).length);
  narrow(full, (number) => {
    return rows.reduce((sum, row) => sum + Math.max(...codes[number].map((code) => products[code][row])), 0);
  });
  const scored = left.map((number) => {
    const score = rows.reduce((sum, row) => {
      const all = sums[number].map((vector) => dotRow(query, row, vector));
      const close = all.filter((_, t) => products[codes[number][t]][row] > termThreshold);
      return sum + Math.max(...close.length > 0 ? close : all);
    }, 0);
    return { number, score };
  });
  return best(scored, k);
}

function best<T extends { number: number; score: number }>(scored: T[], most: number): T[] {
  return scored.sort((a, b) => b.score - a.score || a.number - b.number).slice(0, most);
}

function dotRow({ data, dim }: Matrix, row: number, vector: Float64Array): number {
  let sum = 0;
  for (let d = 0; d < dim; d++) sum += data[row * dim + d] * vector[d];
  return sum;
}
