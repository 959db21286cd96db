/** The best entries of a score array: numbers and scores, best first. */
export interface TopK {
  /** Numbers of the entries. */
  readonly numbers: Int32Array<ArrayBuffer>;
  readonly scores: Float32Array<ArrayBuffer>;
}

/**
 * The `k` best scores, by score descending and then number ascending. Entries of −∞ are left out: they were not found.
 *
 * @param numbers the number of each entry; unless given, entries are numbered from 0
 */
export function topK(scores: Float32Array, k: number, numbers?: Int32Array): TopK {
  const best = selectBest(scores, k, numbers);
  const number = numbers ? (entry: number) => numbers[entry] : (entry: number) => entry;
  best.sort((a, b) => scores[b] - scores[a] || number(a) - number(b));
  return { numbers: best.map(number), scores: gather(scores, best) };
}

/** The entries that {@link topK} takes, in the order in which they were given. */
export function selectBest(scores: Float32Array, k: number, numbers?: Int32Array): Int32Array<ArrayBuffer> {
  const { length } = scores;
  const found = new Float32Array(length);
  let count = 0;
  for (let entry = 0; entry < length; entry++) if (scores[entry] > -Infinity) found[count++] = scores[entry];
  const least = k >= count ? -Infinity : k === 0 ? Infinity : kthLargest(found, count, k);
  const best = new Int32Array(Math.min(k, count));
  const equal: number[] = [];
  let larger = 0;
  for (let entry = 0; entry < length; entry++) {
    if (scores[entry] > least) larger++;
    else if (scores[entry] === least && least > -Infinity) equal.push(entry);
  }
  const take = best.length - larger;
  if (numbers && take < equal.length) equal.sort((a, b) => numbers[a] - numbers[b]);
  const taken = new Set(take < equal.length ? equal.slice(0, take) : equal);
  for (let entry = 0, at = 0; at < best.length; entry++) {
    if (scores[entry] > least || (scores[entry] === least && taken.has(entry))) best[at++] = entry;
  }
  return best;
}

/** The k-th largest of the first `count` values, whose order is lost (C. A. R. Hoare's Find, 1961). */
function kthLargest(values: Float32Array, count: number, k: number): number {
  let [from, to] = [0, count - 1];
  while (from < to) {
    const pivot = middle(values[from], values[(from + to) >> 1], values[to]);
    let [i, j] = [from, to];
    while (i <= j) {
      while (values[i] > pivot) i++;
      while (values[j] < pivot) j--;
      if (i > j) break;
      const value = values[i];
      values[i++] = values[j];
      values[j--] = value;
    }
    if (k - 1 <= j) to = j;
    else if (k - 1 >= i) from = i;
    else break;
  }
  return values[k - 1];
}

function middle(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}

function gather(scores: Float32Array, entries: Int32Array): Float32Array<ArrayBuffer> {
  const out = new Float32Array(entries.length);
  for (let i = 0; i < out.length; i++) out[i] = scores[entries[i]];
  return out;
}

/** One column of a row-major matrix. */
export function column(matrix: Float32Array, index: number, columns: number): Float32Array {
  if (columns === 1) return matrix;
  return Float32Array.from({ length: matrix.length / columns }, (_, row) => matrix[row * columns + index]);
}
