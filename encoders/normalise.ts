/** Scales a vector to unit length, in place; a zero vector stays zero. */
export function normaliseRow(vector: Float32Array): void {
  let square = 0;
  for (let d = 0; d < vector.length; d++) square += vector[d] * vector[d];
  const scale = square > 0 ? 1 / Math.sqrt(square) : 0;
  for (let d = 0; d < vector.length; d++) vector[d] *= scale;
}
