import type { Matrix } from "../../encoders/encoder.ts";
import type { Kernel } from "../../kernels/kernel.ts";
import type { Rows } from "../../kernels/loops.ts";
import { blockQueries, half } from "../../kernels/maxsim.ts";
import { normalNumber, seededRandom, unmixedRandom } from "../../support/random.ts";

/** How fixed dimensional encodings are made; named as in the paper. */
export interface FdeSettings {
  /** Hyperplanes that cut the space into 2^k_sim buckets. */
  readonly k_sim: number;
  /** Columns that are left of a vector within its bucket. */
  readonly d_proj: number;
  /** Independent repetitions. */
  readonly r_reps: number;
  /** Columns of the whole in the end; 0: all r_reps · 2^k_sim · d_proj. */
  readonly d_final: number;
  readonly seed: number;
  /** How numbers are drawn from `seed`; where it is missing, as before seeds were mixed (`support/random.ts`). */
  readonly draw?: "mixed";
}

/** Makes one vector of many. */
export interface FdeEncoder {
  /** Columns of an encoding. */
  readonly dims: number;
  /** Multiply–accumulates for each vector. */
  readonly macs: number;
  /** The encoding of a query, float32 `[dims]`: vectors are summed in their buckets. */
  query(matrix: Matrix): Float32Array;
  /**
   * The encodings of passages, float32 `[passages, dims]`: vectors are averaged in their buckets, and an empty bucket takes the vector
   * whose bucket differs in the fewest hyperplanes.
   *
   * @param rows all passages' vectors, one passage after the other, `[Σ lengths, dim]`
   */
  passages(rows: Rows, lengths: Int32Array): Float32Array;
}

/** Passages whose vectors are multiplied together. */
const TOGETHER = 64;

/**
 * Fixed dimensional encodings (MUVERA: Dhulipala et al., NeurIPS 2024, §2): the product of a query's with a passage's approximates the
 * sum of MaxSim, times `r_reps`. SimHash puts vectors into buckets, ±1 projections keep `d_proj` columns in each, repetitions stand
 * side by side, and a count sketch (§A.2, AMS) leaves `d_final` columns.
 */
export function openFdeEncoder(kernel: Kernel, dim: number, settings: FdeSettings): FdeEncoder {
  const { k_sim, d_proj, r_reps } = settings;
  const buckets = 2 ** k_sim;
  const each = k_sim + d_proj;
  const { columns, whole, dims, sketch } = drawEncoding(dim, settings);
  const block = blockQueries(kernel, [{ data: columns, rows: r_reps * each, dim }]);

  const multiply = (rows: Rows): Float32Array => {
    const count = rows.length / dim;
    const out = new Float32Array(count * block.stride);
    kernel.loops.products(block.data, block.vectors, dim, rows, half(rows), count, block.scratch, out);
    return out;
  };
  /** Adds one set of vectors up. */
  const encode = (products: Float32Array, first: number, count: number, average: boolean, out: Float32Array): void => {
    const full = new Float32Array(whole);
    const names = new Int32Array(count);
    for (let rep = 0; rep < r_reps; rep++) {
      const base = rep * buckets * d_proj;
      const members = new Int32Array(buckets);
      for (let i = 0; i < count; i++) {
        const at = (first + i) * block.stride + rep * each;
        let bucket = 0;
        for (let plane = 0; plane < k_sim; plane++) bucket = 2 * bucket + (products[at + plane] > 0 ? 1 : 0);
        names[i] = bucket;
        members[bucket]++;
        for (let d = 0; d < d_proj; d++) full[base + bucket * d_proj + d] += products[at + k_sim + d];
      }
      if (!average || count === 0) continue;
      for (let bucket = 0; bucket < buckets; bucket++) {
        const to = base + bucket * d_proj;
        if (members[bucket] > 0) {
          for (let d = 0; d < d_proj; d++) full[to + d] /= members[bucket];
          continue;
        }
        const from = (first + nearest(names, bucket)) * block.stride + rep * each + k_sim;
        for (let d = 0; d < d_proj; d++) full[to + d] = products[from + d];
      }
    }
    if (!sketch) return out.set(full);
    full.forEach((value, i) => out[sketch.places[i]] += sketch.signs[i] * value);
  };
  return {
    dims,
    macs: r_reps * each * dim,
    query(matrix) {
      const out = new Float32Array(dims);
      encode(multiply(matrix.data), 0, matrix.rows, false, out);
      return out;
    },
    passages(rows, lengths) {
      const out = new Float32Array(lengths.length * dims);
      let row = 0;
      for (let from = 0; from < lengths.length; from += TOGETHER) {
        const own = lengths.subarray(from, from + TOGETHER);
        const count = own.reduce((sum, length) => sum + length, 0);
        const products = multiply(rows.subarray(row * dim, (row + count) * dim));
        let first = 0;
        own.forEach((length, i) => {
          encode(products, first, length, true, out.subarray((from + i) * dims, (from + i + 1) * dims));
          first += length;
        });
        row += count;
      }
      return out;
    },
  };
}

/** The vector whose bucket is nearest to another one, the first of equally near ones. */
function nearest(names: Int32Array, bucket: number): number {
  let best = 0;
  let least = Infinity;
  for (let i = 0; i < names.length; i++) {
    let distance = 0;
    for (let left = names[i] ^ bucket; left !== 0; left &= left - 1) distance++;
    if (distance < least) [best, least] = [i, distance];
  }
  return best;
}

/** What chance decides about encodings. */
export interface FdeDraw {
  /** For each repetition `k_sim` hyperplanes, then `d_proj` rows of ±1 / √d_proj: float32 `[r_reps · (k_sim + d_proj), dim]`. */
  readonly columns: Float32Array;
  /** Columns before the sketch, and after it. */
  readonly whole: number;
  readonly dims: number;
  /** Where each column goes in the end, and with which sign; null where all stay. */
  readonly sketch: { readonly places: Int32Array; readonly signs: Int8Array } | null;
}

/** Draws hyperplanes, projections and the sketch; the same for the same settings. */
export function drawEncoding(dim: number, { k_sim, d_proj, r_reps, d_final, seed, draw }: FdeSettings): FdeDraw {
  const random = draw === "mixed" ? seededRandom(seed) : unmixedRandom(seed);
  const each = k_sim + d_proj;
  const columns = Float32Array.from({ length: r_reps * each * dim }, (_, i) => {
    const plane = Math.floor(i / dim) % each < k_sim;
    return plane ? normalNumber(random) : (random() < 0.5 ? -1 : 1) / Math.sqrt(d_proj);
  });
  const whole = r_reps * 2 ** k_sim * d_proj;
  if (d_final === 0 || d_final >= whole) return { columns, whole, dims: whole, sketch: null };
  const places = Int32Array.from({ length: whole }, () => Math.floor(random() * d_final));
  const signs = Int8Array.from({ length: whole }, () => random() < 0.5 ? -1 : 1);
  return { columns, whole, dims: d_final, sketch: { places, signs } };
}
