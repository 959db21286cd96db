import type { CodeLoops } from "./code_loops.ts";
import { numbers } from "./reference_numbers.ts";

/** The meaning of the loops of product quantisation. */
export const productLoops = {
  pq_tables(query, entries, m, ksub, dsub, tables) {
    for (let entry = 0; entry < m * ksub; entry++) {
      const part = Math.floor(entry / ksub) * dsub;
      let sum = 0;
      for (let d = 0; d < dsub; d++) sum += (query[part + d] - entries[(part + d) * ksub + entry % ksub]) ** 2;
      tables[entry] = sum;
    }
  },
  pq_scan(tables, m, ksub, codes, count, base, out) {
    for (let i = 0; i < count; i++) {
      let sum = base;
      for (let j = 0; j < m; j++) sum += tables[j * ksub + codes[i * m + j]];
      out[i] = sum;
    }
  },
  pq_encode(rows, half, dim, centroids, names, entries, m, ksub, count, _scratch, out) {
    const values = numbers(rows, half);
    const dsub = dim / m;
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < m; j++) {
        let least = Infinity;
        for (let entry = 0; entry < ksub; entry++) {
          let distance = 0;
          for (let d = 0; d < dsub; d++) {
            const rest = Math.fround(values[i * dim + j * dsub + d] - centroids[names[i] * dim + j * dsub + d]);
            distance += (rest - entries[(j * dsub + d) * ksub + entry]) ** 2;
          }
          if (distance < least) [least, out[i * m + j]] = [distance, entry];
        }
      }
    }
  },
  pq_search(
    query,
    dim,
    centroids,
    lists,
    codeStarts,
    sizes,
    count,
    entries,
    m,
    ksub,
    codes,
    k,
    _scratch,
    positions,
  ) {
    const dsub = dim / m;
    const distances: number[] = [];
    for (let list = 0; list < count; list++) {
      for (let i = 0; i < sizes[list]; i++) {
        let distance = 0;
        for (let d = 0; d < dim; d++) {
          const j = Math.floor(d / dsub);
          const entry = codes[codeStarts[list] + i * m + j];
          const rest = query[d] - centroids[lists[list] * dim + d];
          distance += (rest - entries[d * ksub + entry]) ** 2;
        }
        distances.push(Math.fround(distance));
      }
    }
    const order = distances.map((_, i) => i).sort((a, b) => distances[a] - distances[b] || a - b).slice(0, k);
    positions.fill(-1, 0, k);
    positions.set(order.sort((a, b) => a - b));
  },
} satisfies Partial<CodeLoops>;
