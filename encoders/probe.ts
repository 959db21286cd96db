import { badInput } from "../support/errors.ts";
import type { EncoderConfig } from "./config.ts";
import type { OnnxSession } from "./onnx_session.ts";
import { tokenisePassage, type WordPieces } from "./tokenise.ts";

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
 * @throws {LatebenchError} where the projection is missing from the graph, or augmentation cannot work
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
  const text = tokenisePassage("Late interaction keeps one vector for each token.", config, wordPieces);
  const extended = (id: number) => ({
    ids: [...text.ids, id],
    attention: [...text.attention, 0],
    keep: [...text.keep, true],
  });
  const masked = await session.run([extended(config.mask_id)], config.pad_id);
  const padded = await session.run([extended(config.pad_id)], config.pad_id);
  const { dim } = masked;
  if (dim !== config.dim) {
    const hidden = config.architecture?.hidden;
    const found = dim === hidden
      ? `${dim} columns, the hidden size: the projection is not in this file`
      : `${dim} columns`;
    throw badInput(file, found, `${config.dim} columns, as its configuration says`);
  }
  const position = text.ids.length;
  let difference = 0;
  for (let d = 0; d < dim; d++) {
    difference = Math.max(difference, Math.abs(masked.data[position * dim + d] - padded.data[position * dim + d]));
  }
  const tellsMaskFromPad = difference > 1e-4;
  if (config.mask_augmentation && !tellsMaskFromPad) {
    throw badInput(file, "equal rows for [MASK] and padding", "a model that tells them apart, for query augmentation");
  }
  return { dim, normalised: rowsHaveUnitLength(masked.data, text.ids.length, dim), tellsMaskFromPad };
}

function rowsHaveUnitLength(data: Float32Array, rows: number, dim: number): boolean {
  for (let row = 0; row < rows; row++) {
    let square = 0;
    for (let d = 0; d < dim; d++) square += data[row * dim + d] ** 2;
    if (Math.abs(Math.sqrt(square) - 1) > 1e-3) return false;
  }
  return true;
}
