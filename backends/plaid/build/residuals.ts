import { encodeResiduals } from "../../../kernels/k_means/encode.ts";
import type { SharedRows } from "../../../kernels/k_means/assign.ts";
import type { KMeansPool } from "../../../kernels/k_means/pool.ts";
import { encodeProducts, trainProductCodebooks } from "../../../kernels/k_means/product.ts";
import { entriesOf } from "../../../kernels/loops.ts";
import { type ResidualCodec, trainBuckets } from "../index/codec.ts";
import { type ByteCodec, decodeResidual } from "../index/decode.ts";
import type { BuildSettings } from "../index/format.ts";
import { bestRice, openStepWriter } from "../index/steps.ts";

/** Entries of a codebook. */
const KSUB = 256;
/** Rounds of k-means for each codebook, as FAISS has it. */
const ROUNDS = 25;

/**
 * Trains what stands for residuals on those of rows that k-means did not see.
 *
 * @param residuals float32 `[n, dim]`; may be sorted in place
 * @param average mean |residual|
 */
export async function trainResiduals(
  pool: KMeansPool,
  residuals: Float32Array,
  average: number,
  dim: number,
  { nbits, pq, step, seed }: BuildSettings,
): Promise<ResidualCodec> {
  if (nbits !== undefined) return trainBuckets(residuals, nbits);
  if (pq === undefined) {
    const width = Math.fround(step! * average) || 1;
    return { kind: "steps", width, rice: bestRice(residuals, width) };
  }
  const options = { m: pq, ksub: KSUB, iterations: ROUNDS, seed };
  const codebooks = residuals.length === 0
    ? new Float32Array(KSUB * dim)
    : await trainProductCodebooks(pool, residuals, dim, options);
  return { kind: "product", m: pq, codebooks };
}

/** What stands for some rows. */
export interface EncodedResiduals {
  readonly residuals: Uint8Array;
  /** 1 / ‖centroid + what stands for the residual‖ of each token. */
  readonly factors: Float32Array;
  /** Bytes of each passage's residuals; null where every token has the same. */
  readonly sizes: Uint32Array<ArrayBuffer> | null;
}

/**
 * Encodes what is left of some passages' rows.
 *
 * @param lengths tokens of each passage
 * @param nearest the centroid of each row
 */
export async function encodeRest(
  pool: KMeansPool,
  data: SharedRows,
  lengths: Int32Array,
  { centroids, codec }: { readonly centroids: Float32Array<SharedArrayBuffer>; readonly codec: ResidualCodec },
  nearest: Int32Array,
): Promise<EncodedResiduals> {
  const { dim } = data;
  const tokens = nearest.length;
  if (codec.kind === "buckets") {
    const residuals = new Uint8Array(new SharedArrayBuffer(tokens * dim * codec.nbits / 8));
    const factors = new Float32Array(new SharedArrayBuffer(4 * tokens));
    await encodeResiduals(pool, data, { ...codec, centroids }, nearest, { residuals, factors });
    return { residuals, factors, sizes: null };
  }
  if (codec.kind === "product") {
    const entries = new Float32Array(new SharedArrayBuffer(4 * codec.codebooks.length));
    entriesOf(codec.codebooks, codec.m, KSUB, entries);
    const residuals = new Uint8Array(new SharedArrayBuffer(tokens * codec.m));
    await encodeProducts(pool, data, { centroids, entries, m: codec.m }, nearest, residuals);
    return { residuals, factors: normFactors(nearest, residuals, centroids, codec, dim), sizes: null };
  }
  return encodeSteps(data, lengths, centroids, codec, nearest);
}

function encodeSteps(
  { rows, dim }: SharedRows,
  lengths: Int32Array,
  centroids: Float32Array,
  codec: ResidualCodec & { readonly kind: "steps" },
  nearest: Int32Array,
): EncodedResiduals {
  const values = rows instanceof Uint16Array ? new Float16Array(rows.buffer, rows.byteOffset, rows.length) : rows;
  const factors = new Float32Array(nearest.length);
  const sizes = new Uint32Array(lengths.length);
  const writer = openStepWriter(codec);
  let first = 0;
  lengths.forEach((length, passage) => {
    const rest = new Float32Array(length * dim);
    for (let i = 0; i < rest.length; i++) {
      const token = first + Math.floor(i / dim);
      rest[i] = values[first * dim + i] - centroids[nearest[token] * dim + i % dim];
    }
    sizes[passage] = writer.add(rest);
    for (let t = 0; t < length; t++) {
      factors[first + t] = inverseNorm(centroids, nearest[first + t] * dim, rest, t * dim, dim);
    }
    first += length;
  });
  return { residuals: writer.bytes(), factors, sizes };
}

/** 1 / ‖centroid + what stands for the residual‖ of tokens whose residuals have the same bytes. */
export function normFactors(
  codes: Int32Array,
  residuals: Uint8Array,
  centroids: Float32Array,
  codec: ByteCodec,
  dim: number,
): Float32Array<ArrayBuffer> {
  const factors = new Float32Array(codes.length);
  const decode = decodeResidual(codec, dim);
  const rest = new Float32Array(dim);
  for (let token = 0; token < codes.length; token++) {
    decode(residuals, token, rest, 0);
    factors[token] = inverseNorm(centroids, codes[token] * dim, rest, 0, dim);
  }
  return factors;
}

/** 1 / ‖centroid + residual‖; 0 where that is no number. */
export function inverseNorm(
  centroids: Float32Array,
  centroid: number,
  rest: Float32Array,
  from: number,
  dim: number,
): number {
  let squares = 0;
  for (let d = 0; d < dim; d++) {
    const value = centroids[centroid + d] + rest[from + d];
    squares += value * value;
  }
  return squares > 0 ? 1 / Math.sqrt(squares) : 0;
}
