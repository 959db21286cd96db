/** Two powers of a size, the smaller one first. */
export type Powers = readonly [low: number, high: number];

/**
 * `a · size^low + b · size^high` with the a and b, neither below zero, that have the smallest squares of relative errors.
 *
 * @param points measured values, above zero, at sizes
 */
export function fitGrowth(
  points: readonly (readonly [size: number, value: number])[],
  [low, high]: Powers,
): (size: number) => number {
  // Divided by the value, every point says: a · u + b · v = 1.
  let [uu, uv, vv, u, v] = [0, 0, 0, 0, 0];
  for (const [size, value] of points) {
    const [x, y] = [size ** low / value, size ** high / value];
    [uu, uv, vv, u, v] = [uu + x * x, uv + x * y, vv + y * y, u + x, v + y];
  }
  const determinant = uu * vv - uv * uv;
  const [a, b] = [(u * vv - v * uv) / determinant, (v * uu - u * uv) / determinant];
  // One alone fits best where the other would be below zero, or cannot be told.
  if (points.length < 2 || determinant <= 0 || a < 0) return (size) => v / vv * size ** high;
  if (b < 0) return (size) => u / uu * size ** low;
  return (size) => a * size ** low + b * size ** high;
}
