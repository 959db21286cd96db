/**
 * Holm's step-down correction (1979) over a whole family of tests: adjusted p-values in the order of the given ones. With them,
 * the chance of a single false finding in the family stays below the level.
 */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((_, i) => i).sort((a, b) => ps[a] - ps[b]);
  const adjusted = new Array<number>(ps.length);
  let highest = 0;
  order.forEach((index, rank) => {
    highest = Math.max(highest, Math.min(1, (ps.length - rank) * ps[index]));
    adjusted[index] = highest;
  });
  return adjusted;
}
