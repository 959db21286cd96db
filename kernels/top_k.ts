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
  const heap = new Int32Array(Math.min(k, scores.length)); // the worst kept entry is at the root
  let size = 0;
  const number = (entry: number) => numbers ? numbers[entry] : entry;
  const worse = (a: number, b: number) => scores[a] < scores[b] || (scores[a] === scores[b] && number(a) > number(b));
  for (let entry = 0; entry < scores.length; entry++) {
    if (scores[entry] === -Infinity) continue;
    if (size < heap.length) {
      let at = size++;
      for (let up = (at - 1) >> 1; at > 0 && worse(entry, heap[up]); up = (at - 1) >> 1) {
        heap[at] = heap[up];
        at = up;
      }
      heap[at] = entry;
    } else if (size > 0 && worse(heap[0], entry)) {
      let at = 0;
      for (let child = 1; child < size; child = 2 * at + 1) {
        if (child + 1 < size && worse(heap[child + 1], heap[child])) child++;
        if (!worse(heap[child], entry)) break;
        heap[at] = heap[child];
        at = child;
      }
      heap[at] = entry;
    }
  }
  const best = heap.slice(0, size).sort((a, b) => scores[b] - scores[a] || number(a) - number(b));
  return { numbers: best.map(number), scores: Float32Array.from(best, (entry) => scores[entry]) };
}

/** One column of a row-major matrix. */
export function column(matrix: Float32Array, index: number, columns: number): Float32Array {
  if (columns === 1) return matrix;
  return Float32Array.from({ length: matrix.length / columns }, (_, row) => matrix[row * columns + index]);
}
