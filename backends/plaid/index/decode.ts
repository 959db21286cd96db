import { byteWeights, type ResidualCodec } from "./codec.ts";
import { readSteps } from "./steps.ts";

/** Writes what stands for a token's residual, float32 `[dim]`, into `to` from `at` on. */
type DecodeResidual = (residuals: Uint8Array, token: number, to: Float32Array, at: number) => void;

/** What stands for residuals, where every token has the same bytes. */
export type ByteCodec = Exclude<ResidualCodec, { readonly kind: "steps" }>;

/** What bytes of residuals mean. */
export interface ByteMeaning {
  /** Values of each value of a byte, float32 `[256, each]`; for each byte of a residual, or for all of them. */
  readonly meaning: Float32Array;
  /** Dimensions a byte. */
  readonly each: number;
  /** How far the values of the next byte are from those of the one before; 0 where they are the same. */
  readonly apart: number;
}

/** What bytes of residuals mean. */
export function byteMeaning(codec: ByteCodec, dim: number): ByteMeaning {
  if (codec.kind === "buckets") return { meaning: byteWeights(codec), each: 8 / codec.nbits, apart: 0 };
  return { meaning: codec.codebooks, each: dim / codec.m, apart: 256 * dim / codec.m };
}

/** Reads residuals that have the same bytes for each token, slowly. */
export function decodeResidual(codec: ByteCodec, dim: number): DecodeResidual {
  const { meaning, each, apart } = byteMeaning(codec, dim);
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
  /** First byte of its residuals, where these are lists, and how many there are. */
  readonly start: number;
  readonly bytes: number;
}

/**
 * Reads what stands for a passage's residuals, slowly: float32 `[tokens, dim]`.
 *
 * @throws {LatebenchError} (what it gives) for a list that is cut off
 */
export function decodePassage(
  codec: ResidualCodec,
  dim: number,
): (residuals: Uint8Array, place: ResidualPlace) => Float32Array {
  if (codec.kind === "steps") {
    return (residuals, { tokens, start, bytes }) => {
      return readSteps(residuals.subarray(start, start + bytes), tokens * dim, codec);
    };
  }
  const decode = decodeResidual(codec, dim);
  return (residuals, { first, tokens }) => {
    const rest = new Float32Array(tokens * dim);
    for (let t = 0; t < tokens; t++) decode(residuals, first + t, rest, t * dim);
    return rest;
  };
}
