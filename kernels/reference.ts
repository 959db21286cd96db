import type { Loops, Rows } from "./loops.ts";

/** The meaning of every loop, in plain code with one lane: other builds must agree with it within float32 rounding. */
export const referenceLoops: Loops = {
  maxsim(query, vectors, dim, spans, queries, rows, half, starts, lengths, count, _scratch, out) {
    const values = numbers(rows, half);
    for (let i = 0; i < count; i++) {
      const best = new Float64Array(vectors).fill(-Infinity);
      for (let t = starts[i]; t < starts[i] + lengths[i]; t++) {
        for (let q = 0; q < vectors; q++) best[q] = Math.max(best[q], dot(query, q * dim, values, t * dim, dim));
      }
      sumQueries(best, spans, queries, lengths[i] === 0, out, i * queries);
    }
  },
  maxsim_i8(
    query,
    vectors,
    dim,
    offsets,
    factors,
    spans,
    queries,
    rows,
    scales,
    starts,
    lengths,
    count,
    _scratch,
    out,
  ) {
    for (let i = 0; i < count; i++) {
      const best = new Float64Array(vectors).fill(-Infinity);
      for (let t = starts[i]; t < starts[i] + lengths[i]; t++) {
        for (let q = 0; q < vectors; q++) {
          const product = offsets[q] + dot(query, q * dim, rows, t * dim, dim);
          best[q] = Math.max(best[q], factors[q] * Math.fround(product * scales[t]));
        }
      }
      sumQueries(best, spans, queries, lengths[i] === 0, out, i * queries);
    }
  },
  quantise(rows, half, dim, stride, count, _scratch, out, scales, errors) {
    const values = numbers(rows, half);
    for (let i = 0; i < count; i++) {
      const row = Float64Array.from({ length: dim }, (_, d) => values[i * dim + d]);
      const largest = Math.max(...row.map(Math.abs));
      scales[i] = largest / 127;
      const inverse = largest > 0 ? Math.fround(127 / largest) : 0;
      let error = 0;
      out.fill(128, i * stride, (i + 1) * stride);
      for (let d = 0; d < dim; d++) {
        const level = Math.min(127, Math.max(-127, roundHalfEven(Math.fround(row[d] * inverse))));
        out[i * stride + d] = level + 128;
        error += (row[d] - scales[i] * level) ** 2;
      }
      errors[i] = Math.fround(Math.sqrt(error) * (1 + 1e-6));
    }
  },
  products(query, vectors, dim, rows, half, count, _scratch, out) {
    const values = numbers(rows, half);
    for (let i = 0; i < count; i++) {
      for (let q = 0; q < vectors; q++) out[i * vectors + q] = dot(query, q * dim, values, i * dim, dim);
    }
  },
  products_i8(query, vectors, dim, offsets, factors, rows, scales, count, out) {
    for (let i = 0; i < count; i++) {
      for (let q = 0; q < vectors; q++) {
        const product = offsets[q] + dot(query, q * dim, rows, i * dim, dim);
        out[i * vectors + q] = Math.fround(product * scales[i]) * factors[q];
      }
    }
  },
  top_cells(products, count, stride, columns, k, _scratch, values, numbers) {
    for (let q = 0; q < columns; q++) {
      const order = Array.from({ length: count }, (_, i) => i);
      order.sort((a, b) => products[b * stride + q] - products[a * stride + q] || a - b);
      for (let j = 0; j < k; j++) {
        numbers[q * k + j] = order[j] ?? -1;
        values[q * k + j] = j < count ? products[order[j] * stride + q] : -Infinity;
      }
    }
  },
  centroid_scores(
    table,
    stride,
    columns,
    keep,
    codes,
    codeBytes,
    starts,
    lengths,
    count,
    floor,
    _scratch,
    out,
  ) {
    for (let i = 0; i < count; i++) {
      out[i] = 0;
      for (let q = 0; q < columns; q++) {
        let best = floor;
        for (let t = starts[i]; t < starts[i] + lengths[i]; t++) {
          const code = codeAt(codes, codeBytes, t);
          if (!keep || keep[code]) best = Math.max(best, table[code * stride + q]);
        }
        out[i] += best;
      }
    }
  },
  residual_table(query, vectors, dim, weights, nbits, lut) {
    const each = 8 / nbits;
    for (let byte = 0; byte < dim / each; byte++) {
      for (let value = 0; value < 256; value++) {
        for (let q = 0; q < vectors; q++) {
          let sum = 0;
          for (let j = 0; j < each; j++) sum += query[q * dim + byte * each + j] * weights[bucket(value, j, nbits)];
          lut[(byte * 256 + value) * vectors + q] = sum;
        }
      }
    }
  },
  residual_scores(
    table,
    stride,
    columns,
    lut,
    residualBytes,
    codes,
    codeBytes,
    residuals,
    norms,
    normValues,
    starts,
    lengths,
    count,
    _scratch,
    out,
  ) {
    for (let i = 0; i < count; i++) {
      out[i] = lengths[i] === 0 ? -Infinity : 0;
      for (let q = 0; q < columns; q++) {
        let best = -Infinity;
        for (let t = starts[i]; t < starts[i] + lengths[i]; t++) {
          let sum = table[codeAt(codes, codeBytes, t) * stride + q];
          for (let byte = 0; byte < residualBytes; byte++) {
            sum += lut[(byte * 256 + residuals[t * residualBytes + byte]) * stride + q];
          }
          best = Math.max(best, sum * normValues[norms[t]]);
        }
        out[i] += best;
      }
    }
  },
  residual_scores_i8(
    table,
    stride,
    columns,
    query,
    dim,
    width,
    offsets,
    factors,
    levels,
    nbits,
    codes,
    codeBytes,
    residuals,
    norms,
    normValues,
    starts,
    lengths,
    count,
    _scratch,
    out,
  ) {
    const each = 8 / nbits;
    const row = new Uint8Array(width).fill(128);
    for (let i = 0; i < count; i++) {
      const best = new Float64Array(columns).fill(-Infinity);
      for (let t = starts[i]; t < starts[i] + lengths[i]; t++) {
        for (let d = 0; d < dim; d++) row[d] = levels[residuals[(t * dim + d) / each | 0] * each + d % each];
        for (let q = 0; q < columns; q++) {
          const product = factors[q] * (offsets[q] + dot(query, q * width, row, 0, width));
          const sum = table[codeAt(codes, codeBytes, t) * stride + q] + product;
          best[q] = Math.max(best[q], sum * normValues[norms[t]]);
        }
      }
      out[i] = lengths[i] === 0 ? -Infinity : best.reduce((sum, value) => sum + value, 0);
    }
  },
  decompressed_scores(
    query,
    _vectors,
    dim,
    columns,
    centroids,
    half,
    weights,
    nbits,
    keep,
    codes,
    codeBytes,
    residuals,
    starts,
    lengths,
    count,
    _scratch,
    out,
  ) {
    const values = numbers(centroids, half);
    const each = 8 / nbits;
    const row = new Float32Array(dim);
    for (let i = 0; i < count; i++) {
      const best = new Float64Array(columns).fill(-Infinity);
      for (let t = starts[i]; t < starts[i] + lengths[i]; t++) {
        const code = codeAt(codes, codeBytes, t);
        if (keep && !keep[code]) continue;
        for (let d = 0; d < dim; d++) {
          row[d] = values[code * dim + d] + weights[residuals[(t * dim + d) / each | 0] * each + d % each];
        }
        const norm = Math.sqrt(dot(row, 0, row, 0, dim));
        for (let q = 0; q < columns; q++) {
          best[q] = Math.max(best[q], norm > 0 ? dot(query, q * dim, row, 0, dim) / norm : 0);
        }
      }
      out[i] = best.reduce((sum, value) => sum + value, 0);
    }
  },
  encode_residuals(rows, half, dim, centroids, names, cutoffs, weights, nbits, count, _scratch, out, factors) {
    const values = numbers(rows, half);
    const bytes = dim * nbits / 8;
    out.fill(0, 0, count * bytes);
    for (let i = 0; i < count; i++) {
      let squares = 0;
      for (let d = 0; d < dim; d++) {
        const centre = centroids[names[i] * dim + d];
        const rest = Math.fround(values[i * dim + d] - centre);
        let bucket = 0;
        while (bucket < cutoffs.length && cutoffs[bucket] < rest) bucket++;
        for (let bit = 0; bit < nbits; bit++) {
          const place = d * nbits + bit;
          out[i * bytes + (place >> 3)] |= ((bucket >> bit) & 1) << (7 - (place & 7));
        }
        squares += Math.fround(centre + weights[bucket]) ** 2;
      }
      factors[i] = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    }
  },
  largest(table, count, stride, columns, out) {
    for (let i = 0; i < count; i++) out[i] = Math.max(...table.subarray(i * stride, i * stride + columns));
  },
  table_bytes(table, count, stride, columns, keep, least, step, out) {
    out.fill(0, 0, count * stride);
    const factor = Math.fround(1 / Math.fround(step));
    const floor = Math.fround(least);
    for (let i = 0; i < count; i++) {
      if (keep && !keep[i]) continue;
      for (let at = i * stride; at < i * stride + columns; at++) {
        const level = roundHalfEven(Math.fround(Math.fround(table[at] - floor) * factor));
        out[at] = Math.min(255, Math.max(0, level));
      }
    }
  },
  centroid_scores_i8(table, stride, codes, codeBytes, starts, lengths, count, _scratch, out) {
    for (let i = 0; i < count; i++) {
      const best = new Uint8Array(stride);
      for (let t = starts[i]; t < starts[i] + lengths[i]; t++) {
        const code = codeAt(codes, codeBytes, t);
        for (let q = 0; q < stride; q++) best[q] = Math.max(best[q], table[code * stride + q]);
      }
      out[i] = best.reduce((sum, value) => sum + value, 0);
    }
  },
  mark_lists(lists, starts, count, words, out) {
    out.fill(0, 0, words);
    for (let i = 0; i < count; i++) {
      let at = starts[i];
      const r = lists[at++];
      let left = 0;
      for (let shift = 0;; shift += 7) {
        left += (lists[at] & 127) * 2 ** shift;
        if (lists[at++] < 128) break;
      }
      let bit = 8 * at;
      const next = () => (lists[bit >> 3] >> (bit++ & 7)) & 1;
      for (let number = -1; left > 0; left--) {
        let distance = 0;
        while (next() === 0) distance += 2 ** r;
        for (let j = 0; j < r; j++) distance += next() * 2 ** j;
        number += distance + 1;
        out[number >> 5] |= 1 << (number & 31);
      }
    }
  },
  block_rows(rows, half, dim, names, count, _scratch, out) {
    const values = numbers(rows, half);
    for (let i = 0; i < count; i++) for (let d = 0; d < dim; d++) out[i * dim + d] = values[names[i] * dim + d];
  },
  nearest(centroids, names, count, dim, rows, half, which, rowsCount, _scratch, out, scores) {
    const values = numbers(rows, half);
    for (let i = 0; i < rowsCount; i++) {
      let best = -Infinity;
      let at = 0;
      for (let c = 0; c < count; c++) {
        const product = dot(centroids, c * dim, values, (which ? which[i] : i) * dim, dim);
        if (product > best) [best, at] = [product, c];
      }
      out[i] = names ? names[at] : at;
      if (scores) scores[i] = best;
    }
  },
  sum_lists(rows, half, dim, names, offsets, lists, _scratch, out) {
    const values = numbers(rows, half);
    out.fill(0, 0, lists * dim);
    for (let list = 0; list < lists; list++) {
      for (let at = offsets[list]; at < offsets[list + 1]; at++) {
        for (let d = 0; d < dim; d++) out[list * dim + d] += values[names[at] * dim + d];
      }
    }
  },
  pq_tables(query, codebooks, m, ksub, dsub, tables) {
    for (let entry = 0; entry < m * ksub; entry++) {
      const part = Math.floor(entry / ksub) * dsub;
      let sum = 0;
      for (let d = 0; d < dsub; d++) sum += (query[part + d] - codebooks[entry * dsub + d]) ** 2;
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
  pq_encode(rows, half, dim, centroids, names, codebooks, m, ksub, count, _scratch, out) {
    const values = numbers(rows, half);
    const dsub = dim / m;
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < m; j++) {
        let least = Infinity;
        for (let entry = 0; entry < ksub; entry++) {
          let distance = 0;
          for (let d = 0; d < dsub; d++) {
            const rest = Math.fround(values[i * dim + j * dsub + d] - centroids[names[i] * dim + j * dsub + d]);
            distance += (rest - codebooks[(j * ksub + entry) * dsub + d]) ** 2;
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
    codebooks,
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
          distance += (rest - codebooks[(j * ksub + entry) * dsub + d % dsub]) ** 2;
        }
        distances.push(Math.fround(distance));
      }
    }
    const order = distances.map((_, i) => i).sort((a, b) => distances[a] - distances[b] || a - b).slice(0, k);
    positions.fill(-1, 0, k);
    positions.set(order.sort((a, b) => a - b));
  },
  widen_rows(from, to, count) {
    to.set(numbers(from, 1).subarray(0, count));
  },
  narrow_rows(from, to, count) {
    to.set(new Uint16Array(Float16Array.from(from.subarray(0, count)).buffer));
  },
};

type Values = Float16Array | Float32Array | Int8Array | Uint8Array;

/** The numbers that rows hold. */
function numbers(rows: Rows, half: number): Float16Array | Float32Array {
  if (half === 0) return rows as Float32Array;
  return new Float16Array(rows.buffer, rows.byteOffset, rows.length);
}

function dot(a: Values, i: number, b: Values, j: number, dim: number): number {
  let sum = 0;
  for (let d = 0; d < dim; d++) sum += a[i + d] * b[j + d];
  return sum;
}

function sumQueries(
  best: Float64Array,
  spans: Int32Array,
  queries: number,
  empty: boolean,
  out: Float32Array,
  at: number,
): void {
  for (let i = 0; i < queries; i++) {
    const [first, rows] = spans.subarray(2 * i);
    out[at + i] = empty ? -Infinity : best.subarray(first, first + rows).reduce((sum, value) => sum + value, 0);
  }
}

function codeAt(codes: Uint8Array, bytes: number, token: number): number {
  let code = 0;
  for (let i = bytes - 1; i >= 0; i--) code = code * 256 + codes[token * bytes + i];
  return code;
}

function bucket(value: number, place: number, nbits: number): number {
  let number = 0;
  for (let bit = 0; bit < nbits; bit++) number |= ((value >> (7 - place * nbits - bit)) & 1) << bit;
  return number;
}

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
}
