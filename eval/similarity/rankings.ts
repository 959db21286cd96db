/** Share of the first k of `reference` that are among the first k of `ranking`; 1 where `reference` is empty. */
export function overlap(ranking: readonly string[], reference: readonly string[], k: number): number {
  const wanted = reference.slice(0, k);
  const found = new Set(ranking.slice(0, k));
  return wanted.length === 0 ? 1 : wanted.filter((id) => found.has(id)).length / wanted.length;
}

/**
 * Rank-biased overlap, extrapolated (RBO_ext; Webber, Moffat and Zobel, TOIS 2010, equation 32): 1 for equal rankings, 0 for
 * disjoint ones; p is how likely a reader goes on to the next rank.
 */
export function rankBiasedOverlap(a: readonly string[], b: readonly string[], p = 0.9): number {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  const [s, l] = [short.length, long.length];
  if (s === 0) return l === 0 ? 1 : 0;
  const seenShort = new Set<string>();
  const seenLong = new Set<string>();
  let common = 0;
  let commonAtShort = 0;
  let sum = 0;
  for (let depth = 1; depth <= l; depth++) {
    const x = long[depth - 1];
    const y = short[depth - 1];
    if (x === y) common++;
    else {
      if (seenShort.has(x)) common++;
      if (y !== undefined && seenLong.has(y)) common++;
    }
    seenLong.add(x);
    if (y !== undefined) seenShort.add(y);
    if (depth === s) commonAtShort = common;
    sum += common / depth * p ** depth;
    if (depth > s) sum += commonAtShort * (depth - s) / (s * depth) * p ** depth;
  }
  return (1 - p) / p * sum + ((common - commonAtShort) / l + commonAtShort / s) * p ** l;
}

/** Kendall's τ-a over the passages that both rankings hold; null where there are fewer than two. */
export function kendallTau(a: readonly string[], b: readonly string[]): number | null {
  const position = new Map(b.map((id, rank) => [id, rank]));
  const ranks = a.flatMap((id) => position.get(id) ?? []);
  const pairs = ranks.length * (ranks.length - 1) / 2;
  return pairs === 0 ? null : 1 - 2 * countInversions(ranks) / pairs;
}

/** Pairs in the wrong order, by merging. */
function countInversions(ranks: readonly number[]): number {
  let from = [...ranks];
  let to = new Array<number>(from.length);
  let inversions = 0;
  for (let width = 1; width < from.length; width *= 2) {
    for (let start = 0; start < from.length; start += 2 * width) {
      const middle = Math.min(start + width, from.length);
      const end = Math.min(start + 2 * width, from.length);
      let [left, right] = [start, middle];
      for (let out = start; out < end; out++) {
        if (right >= end || (left < middle && from[left] <= from[right])) to[out] = from[left++];
        else {
          to[out] = from[right++];
          inversions += middle - left;
        }
      }
    }
    [from, to] = [to, from];
  }
  return inversions;
}
