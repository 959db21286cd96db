import type { CodeLoops } from "./code_loops.ts";
import { productLoops } from "./reference_products.ts";
import { dot, numbers, roundHalfEven } from "./reference_numbers.ts";

/** The meaning of the loops over codes. */
export const codeLoops = {
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
    const adds = adderOf(lut, stride, residuals, residualBytes);
    for (let i = 0; i < count; i++) {
      out[i] = lengths[i] === 0 ? -Infinity : 0;
      for (let q = 0; q < columns; q++) {
        let best = -Infinity;
        for (let t = starts[i]; t < starts[i] + lengths[i]; t++) {
          const product = table[codeAt(codes, codeBytes, t) * stride + q];
          best = Math.max(best, (product + adds(t, q)) * normValues[norms[t]]);
        }
        out[i] += best;
      }
    }
  },
  step_scores(
    table,
    stride,
    columns,
    steps,
    dim,
    rice,
    codes,
    codeBytes,
    residuals,
    residualStarts,
    residualEnds,
    norms,
    normValues,
    starts,
    lengths,
    count,
    _scratch,
    out,
  ) {
    for (let i = 0; i < count; i++) {
      const sums = Float64Array.from({ length: lengths[i] * columns }, (_, at) => {
        return table[codeAt(codes, codeBytes, starts[i] + Math.floor(at / columns)) * stride + at % columns];
      });
      const list = bitsOf(residuals, residualStarts[i], residualEnds[i]);
      out[i] = lengths[i] === 0 ? -Infinity : 0;
      for (let place = 0; lengths[i] > 0;) {
        place += list.distance(rice);
        if (place === Infinity) out[i] = NaN;
        if (place >= lengths[i] * dim) break;
        const step = (place % dim) * 2 + list.bit();
        for (let q = 0; q < columns; q++) sums[Math.floor(place / dim) * columns + q] += steps[step * stride + q];
      }
      for (let q = 0; q < columns; q++) {
        let best = -Infinity;
        for (let t = 0; t < lengths[i]; t++) {
          best = Math.max(best, sums[t * columns + q] * normValues[norms[starts[i] + t]]);
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
  probed_scores(
    table,
    stride,
    columns,
    slots,
    query,
    dim,
    meaning,
    each,
    apart,
    codes,
    codeBytes,
    residuals,
    missing,
    starts,
    lengths,
    count,
    _scratch,
    out,
  ) {
    const bytes = dim / each;
    for (let i = 0; i < count; i++) {
      out[i] = lengths[i] === 0 ? -Infinity : 0;
      const best = new Float64Array(columns).fill(-Infinity);
      for (let t = starts[i]; t < starts[i] + lengths[i]; t++) {
        const slot = slots[codeAt(codes, codeBytes, t)];
        if (slot < 0) continue;
        const rest = Float32Array.from({ length: dim }, (_, d) => {
          const byte = Math.floor(d / each);
          return meaning[byte * apart + residuals[t * bytes + byte] * each + d % each];
        });
        for (let q = 0; q < columns; q++) {
          best[q] = Math.max(best[q], table[slot * stride + q] + dot(query, q * dim, rest, 0, dim));
        }
      }
      best.forEach((value, q) => out[i] += value > -Infinity ? value : missing[q]);
    }
  },
  close_bits(table, count, stride, columns, threshold, out) {
    const words = Math.ceil(columns / 32);
    out.fill(0, 0, count * words);
    for (let i = 0; i < count; i++) {
      for (let q = 0; q < columns; q++) {
        if (table[i * stride + q] > Math.fround(threshold)) out[i * words + (q >> 5)] |= 1 << (q & 31);
      }
    }
  },
  bit_scores(bits, words, codes, codeBytes, starts, lengths, count, out) {
    for (let i = 0; i < count; i++) {
      out[i] = 0;
      for (let q = 0; q < 32 * words; q++) {
        for (let t = starts[i]; t < starts[i] + lengths[i]; t++) {
          if (!(bits[codeAt(codes, codeBytes, t) * words + (q >> 5)] & (1 << (q & 31)))) continue;
          out[i]++;
          break;
        }
      }
    }
  },
  close_scores(
    table,
    stride,
    columns,
    threshold,
    lut,
    residualBytes,
    codes,
    codeBytes,
    residuals,
    starts,
    lengths,
    count,
    _scratch,
    out,
  ) {
    const adds = adderOf(lut, stride, residuals, residualBytes);
    for (let i = 0; i < count; i++) {
      out[i] = lengths[i] === 0 ? -Infinity : 0;
      for (let q = 0; q < columns; q++) {
        let [all, close] = [-Infinity, -Infinity];
        for (let t = starts[i]; t < starts[i] + lengths[i]; t++) {
          const product = table[codeAt(codes, codeBytes, t) * stride + q];
          all = Math.max(all, product + adds(t, q));
          if (product > Math.fround(threshold)) close = Math.max(close, product + adds(t, q));
        }
        out[i] += close > -Infinity ? close : all;
      }
    }
  },
  mark_lists(lists, starts, ends, count, limit, words, out, broken) {
    out.fill(0, 0, words);
    broken[0] = 0;
    for (let i = 0; i < count; i++) {
      let at = starts[i];
      const r = at < ends[i] ? lists[at++] : 32;
      let [left, more] = [0, true];
      for (let shift = 0; more && shift < 35 && at < ends[i]; shift += 7) {
        left += (lists[at] & 127) * 2 ** shift;
        more = lists[at++] >= 128;
      }
      if (r > 31 || more) {
        broken[0] = i + 1;
        continue;
      }
      const list = bitsOf(lists, at, ends[i]);
      for (let number = 0; left > 0; left--, number++) {
        number += list.distance(r);
        if (number >= limit) {
          broken[0] = i + 1;
          break;
        }
        out[number >> 5] |= 1 << (number & 31);
      }
    }
  },
  largest_code(codes, codeBytes, count, out) {
    out[0] = 0;
    for (let i = 0; i < count; i++) out[0] = Math.max(out[0], codeAt(codes, codeBytes, i));
  },
  ...productLoops,
} satisfies CodeLoops;

/** The bits of a list, lowest of each byte first. A distance in Rice's code that goes on beyond the end is ∞. */
function bitsOf(bytes: Uint8Array, start: number, end: number) {
  let at = 0;
  const bits = 8 * (end - start);
  const bit = () => (bytes[start + Math.floor(at / 8)] >> (at++ % 8)) & 1;
  const distance = (rice: number) => {
    for (let sum = 0; at < bits; sum += 2 ** rice) {
      if (bit() === 0) continue;
      if (at + rice > bits) break;
      for (let j = 0; j < rice; j++) sum += bit() * 2 ** j;
      return sum;
    }
    return Infinity;
  };
  return { bit, distance };
}

/** What a token's residual adds to a query row's product, from a table of what each of its bytes adds. */
function adderOf(lut: Float32Array, stride: number, residuals: Uint8Array, residualBytes: number) {
  return (token: number, q: number) => {
    let sum = 0;
    for (let byte = 0; byte < residualBytes; byte++) {
      sum += lut[(byte * 256 + residuals[token * residualBytes + byte]) * stride + q];
    }
    return sum;
  };
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
