import { deepStrictEqual, ok } from "node:assert/strict";
import { SCRATCH } from "../../kernels/loops.ts";
import { startsOf } from "../../kernels/maxsim.ts";
import { closeTo } from "../fixtures/expect.ts";
import { randomValues, withBuilds } from "./builds.ts";

const [CENTROIDS, BYTES, PASSAGES, EACH] = [300, 7, 40, 3];
const DIM = BYTES * EACH;

/** Tokens with codes and residuals, and what centroids and bytes of residuals add, for 40 query rows. */
function makeCodes(codeBytes: number) {
  const random = randomValues(codeBytes);
  const lengths = Int32Array.from({ length: PASSAGES }, (_, i) => (i * 7) % 23);
  const tokens = lengths.reduce((sum, n) => sum + n, 0);
  const numbers = Array.from(
    { length: tokens },
    () => Math.floor((random() + 1) / 2 * (codeBytes > 1 ? CENTROIDS : 256)),
  );
  const codes = new Uint8Array(tokens * codeBytes);
  numbers.forEach((number, t) => {
    codes[t * codeBytes] = number & 255;
    if (codeBytes > 1) codes[t * codeBytes + 1] = number >> 8;
  });
  return {
    lengths,
    starts: startsOf(lengths),
    numbers,
    codes,
    residuals: Uint8Array.from({ length: tokens * BYTES }, () => (random() + 1) * 128),
    products: Float32Array.from({ length: CENTROIDS * 40 }, random),
    query: Float32Array.from({ length: 40 * DIM }, random),
    meaning: Float32Array.from({ length: BYTES * 256 * EACH }, () => random() / 4),
    adds: Float32Array.from({ length: BYTES * 256 * 40 }, () => random() / 8),
    slots: Int32Array.from({ length: CENTROIDS }, (_, i) => i % 4 === 0 ? Math.floor(i / 4) : -1),
  };
}

/** Columns of `[count, 40]`, as a build wants them; what is beyond must not count. */
function widen(
  values: Float32Array,
  columns: number,
  lanes: number,
): { stride: number; wide: Float32Array<ArrayBuffer> } {
  const stride = Math.ceil(columns / lanes) * lanes;
  const count = values.length / 40;
  const wide = new Float32Array(count * stride).fill(9);
  for (let i = 0; i < count; i++) wide.set(values.subarray(i * 40, i * 40 + columns), i * stride);
  return { stride, wide };
}

for (const codeBytes of [1, 2, 3, 4]) {
  Deno.test(`scores of probed tokens and of close ones, codes of ${codeBytes} bytes`, async () => {
    const made = makeCodes(codeBytes);
    const { lengths, starts, numbers, codes, residuals, products, adds, slots, query, meaning } = made;
    const missing = Float32Array.from({ length: 40 }, (_, q) => q / 50);
    const probes = (code: number, q: number) => slots[code] >= 0 && (code + q) % 3 !== 0;
    const added = (t: number, q: number) => {
      let sum = 0;
      for (let byte = 0; byte < BYTES; byte++) sum += adds[(byte * 256 + residuals[t * BYTES + byte]) * 40 + q];
      return sum;
    };
    for (const columns of [3, 16, 32, 40]) {
      /** Sums over query rows of the best of a passage's tokens. */
      const sumBest = (best: (tokens: number[], q: number) => number) =>
        Array.from(lengths, (length, i) => {
          const tokens = Array.from({ length }, (_, j) => starts[i] + j);
          let sum = length === 0 ? -Infinity : 0;
          for (let q = 0; q < columns; q++) sum += best(tokens, q);
          return sum;
        });
      const most = (tokens: number[], q: number) =>
        Math.max(...tokens.map((t) => products[numbers[t] * 40 + q] + added(t, q)));
      const multiplied = (t: number, q: number, apart: number) => {
        let sum = products[numbers[t] * 40 + q];
        for (let d = 0; d < DIM; d++) {
          const byte = Math.floor(d / EACH);
          sum += query[q * DIM + d] * meaning[byte * apart + residuals[t * BYTES + byte] * EACH + d % EACH];
        }
        return sum;
      };
      const probed = [0, 256 * EACH].map((apart) =>
        sumBest((tokens, q) => {
          const own = tokens.filter((t) => probes(numbers[t], q));
          return own.length > 0 ? Math.max(...own.map((t) => multiplied(t, q, apart))) : missing[q];
        })
      );
      const close = [-2, 0.5, 0.9, 2].map((threshold) =>
        sumBest((tokens, q) => {
          const own = tokens.filter((t) => products[numbers[t] * 40 + q] > Math.fround(threshold));
          return most(own.length > 0 ? own : tokens, q);
        })
      );
      ok(probed[0].some((score) => score > -Infinity));
      await withBuilds((kernel) => {
        const { stride, wide: table } = widen(products, columns, kernel.lanes);
        const { wide: lut } = widen(adds, columns, kernel.lanes);
        const own = new Float32Array(Math.ceil(CENTROIDS / 4) * stride).fill(-Infinity);
        slots.forEach((slot, code) => {
          for (let q = 0; q < columns && slot >= 0; q++) {
            if (probes(code, q)) own[slot * stride + q] = table[code * stride + q];
          }
        });
        const scratch = new Float32Array(SCRATCH.codes(stride));
        const out = new Float32Array(PASSAGES);
        const stored = [lut, BYTES, codes, codeBytes, residuals] as const;
        const place = [starts, lengths, PASSAGES, scratch, out] as const;
        const room = new Float32Array(SCRATCH.probed(DIM, stride));
        [0, 256 * EACH].forEach((apart, i) => {
          const from = [query, DIM, meaning, EACH, apart, codes, codeBytes, residuals, missing] as const;
          kernel.loops.probed_scores(own, stride, columns, slots, ...from, starts, lengths, PASSAGES, room, out);
          closeTo(`${kernel.name}, probed, ${apart} apart`, out, probed[i]);
        });
        [-2, 0.5, 0.9, 2].forEach((threshold, i) => {
          kernel.loops.close_scores(table, stride, columns, threshold, ...stored, ...place);
          closeTo(`${kernel.name}, close above ${threshold}`, out, close[i]);
        });
      });
    }
  });

  Deno.test(`bits of close query rows, and how many a passage has, codes of ${codeBytes} bytes`, async () => {
    const { lengths, starts, numbers, codes, products } = makeCodes(codeBytes);
    for (const columns of [3, 16, 32, 40]) {
      const isClose = (code: number, q: number) => products[code * 40 + q] > Math.fround(0.8);
      const hits = Array.from(lengths, (length, i) => {
        const tokens = Array.from({ length }, (_, j) => starts[i] + j);
        return Array.from({ length: columns }, (_, q) => q).filter((q) => tokens.some((t) => isClose(numbers[t], q)))
          .length;
      });
      await withBuilds((kernel) => {
        const { stride, wide: table } = widen(products, columns, kernel.lanes);
        const words = Math.ceil(columns / 32);
        const bits = new Uint32Array(CENTROIDS * words).fill(0xffffffff);
        kernel.loops.close_bits(table, CENTROIDS, stride, columns, 0.8, bits);
        for (let code = 0; code < CENTROIDS; code++) {
          for (let q = 0; q < 32 * words; q++) {
            const set = (bits[code * words + (q >> 5)] >>> (q & 31)) & 1;
            deepStrictEqual(set === 1, q < columns && isClose(code, q), `${kernel.name}, centroid ${code}, row ${q}`);
          }
        }
        const out = new Float32Array(PASSAGES);
        kernel.loops.bit_scores(bits, words, codes, codeBytes, starts, lengths, PASSAGES, out);
        deepStrictEqual([...out], hits, kernel.name);
      });
    }
  });
}
