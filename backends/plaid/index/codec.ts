/** What stands for a residual (row less centroid). */
export type ResidualCodec = BucketCodec | ProductCodec | StepCodec;

/**
 * For every dimension the number of its bucket. One set of buckets for all dimensions (ColBERTv2 §3.3; `codecs/residual.py` of
 * Stanford's code).
 */
export interface BucketCodec {
  readonly kind: "buckets";
  readonly nbits: number;
  /** float32 `[2^nbits − 1]`: where one bucket ends and the next begins. */
  readonly cutoffs: Float32Array;
  /** float32 `[2^nbits]`: what each bucket stands for. */
  readonly weights: Float32Array;
}

/** For every part the number of the nearest entry of its codebook (product quantisation: Jégou et al., TPAMI 2011). */
export interface ProductCodec {
  readonly kind: "product";
  /** Parts. */
  readonly m: number;
  /** float32 `[m, 256, dim / m]`. */
  readonly codebooks: Float32Array;
}

/** For every dimension the nearest multiple of `width`, most of them 0, in an entropy code: see `steps.ts`. */
export interface StepCodec {
  readonly kind: "steps";
  readonly width: number;
  /** Rice's parameter of the distances between steps. */
  readonly rice: number;
}

/** Bits a dimension that can be packed into bytes. */
export const NBITS = [1, 2, 4, 8] as const;

/**
 * Buckets that hold equally many of a sample's residuals: cutoffs are its quantiles i / 2^nbits, weights those half way between.
 *
 * @param residuals any number of values; sorted in place
 */
export function trainBuckets(residuals: Float32Array, nbits: number): BucketCodec {
  const buckets = 2 ** nbits;
  residuals.sort();
  return {
    kind: "buckets",
    nbits,
    cutoffs: Float32Array.from({ length: buckets - 1 }, (_, i) => quantile(residuals, (i + 1) / buckets)),
    weights: Float32Array.from({ length: buckets }, (_, i) => quantile(residuals, (i + 0.5) / buckets)),
  };
}

/** Quantile of sorted values, linear between neighbours, as `torch.quantile` has it; 0 where there are none. */
export function quantile(sorted: Float32Array, share: number): number {
  if (sorted.length === 0) return 0;
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

/** What each byte of a packed residual means: float32 `[256, 8 / nbits]`. */
export function byteWeights({ nbits, weights }: Pick<BucketCodec, "nbits" | "weights">): Float32Array<ArrayBuffer> {
  return Float32Array.from(bucketsOfBytes(nbits), (bucket) => weights[bucket]);
}

/** The same in int8 and 128 more, times `scale`. */
export function byteLevels(
  { nbits, weights }: Pick<BucketCodec, "nbits" | "weights">,
): { readonly levels: Uint8Array<ArrayBuffer>; readonly scale: number } {
  const largest = weights.reduce((most, weight) => Math.max(most, Math.abs(weight)), 0);
  const scale = largest > 0 ? largest / 127 : 1;
  const levels = Uint8Array.from(bucketsOfBytes(nbits), (bucket) => Math.round(weights[bucket] / scale) + 128);
  return { levels, scale };
}

/** The buckets in each byte: bits of a bucket lowest first, buckets from the byte's highest bit down (`packbits`). */
function bucketsOfBytes(nbits: number): number[] {
  const each = 8 / nbits;
  return Array.from({ length: 256 * each }, (_, i) => {
    const [byte, place] = [Math.floor(i / each), i % each];
    let bucket = 0;
    for (let bit = 0; bit < nbits; bit++) bucket |= ((byte >> (7 - place * nbits - bit)) & 1) << bit;
    return bucket;
  });
}
