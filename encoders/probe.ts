import { badInput } from "../support/errors.ts";
import type { EncoderConfig } from "./config.ts";
import { squareOf } from "./normalise.ts";
import type { BatchOutput, OnnxSession } from "./onnx_session.ts";
import { tokenisePassage, type WordPieces } from "./tokenise.ts";

const SENTENCE = "Late interaction keeps one vector for each token.";

/** Values that are no further apart are the same. */
const SAME = 1e-4;

/** What a model file turned out to do when one sentence was run through it. */
export interface ModelProbe {
  /** Columns of the output. */
  readonly dim: number;
  /** Rows come out with unit length; where they do not, the encoder normalises them itself. */
  readonly normalised: boolean;
  /** A `[MASK]` row without attention differs from a padding row, as query augmentation needs it. */
  readonly tellsMaskFromPad: boolean;
}

/**
 * Runs one sentence through a model and compares what comes out with what its configuration says: conventions differ between
 * exporters, and most differences change scores silently.
 *
 * @throws {LatebenchError} where the projection is missing from the graph, augmentation cannot work, or what comes out is not one
 *   vector a token: of another shape, not finite, zero, or the same whatever goes in
 */
export async function probeModel(
  file: string,
  session: OnnxSession,
  config: EncoderConfig,
  wordPieces: WordPieces,
): Promise<ModelProbe> {
  const longest = Math.max(config.query_maxlen, config.doc_maxlen);
  if (session.fixed.length !== null && session.fixed.length < longest) {
    throw badInput(file, `a fixed length of ${session.fixed.length} positions`, `at least ${longest}, as configured`);
  }
  if (new Set(wordPieces(SENTENCE)).size < 2) {
    throw badInput(file, "one token for all words, as its tokenizer has it", "a tokenizer that tells words apart");
  }
  const text = tokenisePassage(SENTENCE, config, wordPieces);
  const extended = (id: number) => ({
    ids: [...text.ids, id],
    attention: [...text.attention, 0],
    keep: [...text.keep, true],
  });
  const masked = await session.run([extended(config.mask_id)], config.pad_id);
  const padded = await session.run([extended(config.pad_id)], config.pad_id);
  const other = tokenisePassage("Ravens solve puzzles", config, wordPieces);
  const different = await session.run([other], config.pad_id);
  const { dim } = masked;
  if (dim !== config.dim) {
    const hidden = config.architecture?.hidden;
    const found = dim === hidden
      ? `${dim} columns, the hidden size: the projection is not in this file`
      : `${dim} columns`;
    throw badInput(file, found, `${config.dim} columns, as its configuration says`);
  }
  checkVectors(file, masked, text.ids.length);
  checkVectors(file, different, other.ids.length);
  if (largestDifference(masked.data, different.data, Math.min(text.ids.length, other.ids.length) * dim) <= SAME) {
    throw badInput(file, "equal vectors for two texts", "vectors that depend on the text");
  }
  const position = text.ids.length;
  const lastRow = ({ data }: BatchOutput) => data.subarray(position * dim, (position + 1) * dim);
  const tellsMaskFromPad = largestDifference(lastRow(masked), lastRow(padded), dim) > SAME;
  if (config.mask_augmentation && !tellsMaskFromPad) {
    throw badInput(file, "equal rows for [MASK] and padding", "a model that tells them apart, for query augmentation");
  }
  return { dim, normalised: rowsHaveUnitLength(masked.data, text.ids.length, dim), tellsMaskFromPad };
}

/** Vectors are finite, none is zero, and a text's tokens do not all have the same. */
function checkVectors(file: string, { data, dim }: BatchOutput, rows: number): void {
  let vary = 0;
  for (let row = 0; row < rows; row++) {
    const vector = data.subarray(row * dim, (row + 1) * dim);
    const square = squareOf(vector);
    if (!Number.isFinite(square)) throw badInput(file, "vectors with NaN or infinite values", "finite ones");
    if (square === 0) throw badInput(file, "a vector of zeros for a token", "one that can be scaled to unit length");
    vary = Math.max(vary, largestDifference(data.subarray(0, dim), vector, dim));
  }
  if (vary <= SAME) throw badInput(file, "the same vector for every token of a text", "one for each token");
}

function largestDifference(a: Float32Array, b: Float32Array, count: number): number {
  let largest = 0;
  for (let i = 0; i < count; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}

function rowsHaveUnitLength(data: Float32Array, rows: number, dim: number): boolean {
  for (let row = 0; row < rows; row++) {
    let square = 0;
    for (let d = 0; d < dim; d++) square += data[row * dim + d] ** 2;
    if (!(Math.abs(Math.sqrt(square) - 1) <= 1e-3)) return false;
  }
  return true;
}
