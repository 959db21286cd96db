import { badInput } from "../support/errors.ts";

/** Scales a vector to unit length, in place; a zero vector stays zero. */
export function normaliseRow(vector: Float32Array): void {
  const square = squareOf(vector);
  const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
  for (let d = 0; d < vector.length; d++) vector[d] *= scale;
}

/**
 * Makes a model's output a row: finite, and of unit length.
 *
 * @param normalised it has unit length as it comes out of the model
 * @param modelFile for the message
 * @throws {LatebenchError} for values that are not finite
 */
export function finishRow(vector: Float32Array, normalised: boolean, modelFile: string): void {
  if (!Number.isFinite(squareOf(vector))) {
    throw badInput(modelFile, "vectors with NaN or infinite values", "finite ones");
  }
  if (!normalised) normaliseRow(vector);
}

/** The square of a vector's length. */
export function squareOf(vector: Float32Array): number {
  let square = 0;
  for (let d = 0; d < vector.length; d++) square += vector[d] * vector[d];
  return square;
}
