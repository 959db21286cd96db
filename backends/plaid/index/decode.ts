import { byteWeights, type ResidualCodec } from "./codec.ts";
import { readSteps } from "./steps.ts";

/** Writes what stands for a token's residual, float32 `[dim]`, into `to` from `at` on. */
type DecodeResidual = (residuals: Uint8Array, token: number, to: Float32Array, at: number) => void;

/** Reads residuals that have the same bytes for each token, slowly. */
export function decodeResidual(codec: Exclude<ResidualCodec, { readonly kind: "steps" }>, dim: number): DecodeResidual {
  // What each value of a byte means, `[256, each]`, and how far the table of the next byte is from that of the one before.
  const [meaning, each, apart] = codec.kind === "buckets"
    ? [byteWeights(codec), 8 / codec.nbits, 0]
    : [codec.codebooks, dim / codec.m, 256 * dim / codec.m];
  const width = dim / each;
  return (residuals, token, to, at) => {
    for (let byte = 0; byte < width; byte++) {
      const from = byte * apart + residuals[token * width + byte] * each;
      for (let i = 0; i < each; i++) to[at++] = meaning[from + i];
    }
  };
}

/** Where a passage's residuals are. */
export interface ResidualPlace {
  /** Number of its first token, and how many it has. */
  readonly first: number;
  readonly tokens: number;
  /** First byte of its residuals, where these are lists. */
  readonly start: number;
}

/** Reads what stands for a passage's residuals, slowly: float32 `[tokens, dim]`. */
export function decodePassage(
  codec: ResidualCodec,
  dim: number,
): (residuals: Uint8Array, place: ResidualPlace) => Float32Array {
  if (codec.kind === "steps") {
    return (residuals, { tokens, start }) => readSteps(residuals.subarray(start), tokens * dim, codec);
  }
  const decode = decodeResidual(codec, dim);
  return (residuals, { first, tokens }) => {
    const rest = new Float32Array(tokens * dim);
    for (let t = 0; t < tokens; t++) decode(residuals, first + t, rest, t * dim);
    return rest;
  };
}
