import type { Encoder, Matrix } from "../../encoders/encoder.ts";
import { addMacs, type Macs, NO_MACS } from "../../encoders/flops/macs.ts";
import type { Kernel } from "../../kernels/kernel.ts";
import { blockQueries, maxsim, startsOf } from "../../kernels/maxsim.ts";

/** Exact scores of passages that were encoded for them. */
export interface TextScores {
  /** In the texts' order. */
  readonly scores: Float32Array;
  /** Multiply–accumulates, the encoder's included where they are known. */
  readonly macs: Macs;
}

/** Encodes passages and scores them: what ColBERT v1's `test.py` does at query time. */
export async function scoreTexts(
  kernel: Kernel,
  encoder: Encoder,
  query: Matrix,
  texts: readonly string[],
): Promise<TextScores> {
  const { rows, lengths, dim, macs } = await encoder.encodePassages(texts);
  const scores = new Float32Array(lengths.length);
  const halves = new Uint16Array(rows.buffer, rows.byteOffset, rows.length);
  maxsim(kernel, blockQueries(kernel, [query]), halves, { starts: startsOf(lengths), lengths }, scores);
  const products = { float: (rows.length / dim) * query.rows * dim, integer: 0 };
  return { scores, macs: addMacs(products, macs ?? NO_MACS) };
}
