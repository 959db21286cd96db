import { deepStrictEqual } from "node:assert/strict";
import type { Kernel } from "../../kernels/kernel.ts";
import { SCRATCH } from "../../kernels/loops.ts";
import { blockQueries, startsOf } from "../../kernels/maxsim.ts";
import { quantiseQueries } from "../../kernels/maxsim_i8.ts";
import { closeTo } from "../fixtures/expect.ts";
import { halfBits, randomValues, withBuilds } from "./builds.ts";

const CENTROIDS = 60;

/** Tokens with codes, packed residuals and norms. */
function makeIndex(nbits: number, dim: number, seed: number) {
  const random = randomValues(seed);
  const lengths = Int32Array.from({ length: 30 }, (_, i) => (i * 5) % 37);
  const tokens = lengths.reduce((sum, n) => sum + n, 0);
  const bytes = dim * nbits / 8;
  return {
    random,
    nbits,
    dim,
    bytes,
    lengths,
    starts: startsOf(lengths),
    codes: Uint8Array.from({ length: tokens }, () => (random() + 1) * 30),
    residuals: Uint8Array.from({ length: tokens * bytes }, () => (random() + 1) * 128),
    norms: Uint8Array.from({ length: tokens }, () => (random() + 1) * 128),
    normValues: Float32Array.from({ length: 256 }, (_, i) => 0.75 + i / 512),
    weights: Float32Array.from({ length: 2 ** nbits }, (_, i) => (i - 2 ** (nbits - 1)) / 2 ** nbits),
    centroids: Float32Array.from({ length: CENTROIDS * dim }, random),
  };
}

type Made = ReturnType<typeof makeIndex>;

/** Bits lowest first, bytes filled from the highest bit down. */
function bucketOf({ residuals, bytes, nbits }: Made, token: number, d: number): number {
  let value = 0;
  for (let bit = 0; bit < nbits; bit++) {
    const place = d * nbits + bit;
    value |= ((residuals[token * bytes + (place >> 3)] >> (7 - (place & 7))) & 1) << bit;
  }
  return value;
}

/** `Σ_q max_t product(q, t)` by definition; only tokens that are kept. */
function scoresOf(
  { lengths, starts }: Made,
  rows: number,
  product: (q: number, t: number) => number,
  keep = (_: number) => true,
) {
  return Array.from(lengths, (length, i) => {
    const tokens = Array.from({ length }, (_, j) => starts[i] + j).filter(keep);
    let sum = tokens.length === 0 ? -Infinity : 0;
    for (let q = 0; q < rows && tokens.length > 0; q++) sum += Math.max(...tokens.map((t) => product(q, t)));
    return sum;
  });
}

/** What each byte of a residual means, `[256, 8 / nbits]`. */
function byteTable<T extends Float32Array | Uint8Array>(nbits: number, values: T): T {
  const each = 8 / nbits;
  const table = values instanceof Uint8Array ? new Uint8Array(256 * each) : new Float32Array(256 * each);
  for (let byte = 0; byte < 256; byte++) {
    for (let j = 0; j < each; j++) {
      let bucket = 0;
      for (let bit = 0; bit < nbits; bit++) bucket |= ((byte >> (7 - j * nbits - bit)) & 1) << bit;
      table[byte * each + j] = values[bucket];
    }
  }
  return table as T;
}

function tableOf(kernel: Kernel, made: Made, data: Float32Array, rows: number) {
  const query = blockQueries(kernel, [{ data, rows, dim: made.dim }]);
  const table = new Float32Array(CENTROIDS * query.stride);
  kernel.loops.products(query.data, query.vectors, made.dim, made.centroids, 0, CENTROIDS, query.scratch, table);
  return { query, table };
}

for (const [nbits, dim] of [[1, 48], [2, 48], [4, 48], [8, 48], [1, 128], [2, 64], [4, 128], [8, 64]]) {
  Deno.test(`scores from residuals of ${nbits} bits equal those of decompressed vectors, ${dim} dimensions`, async () => {
    const made = makeIndex(nbits, dim, nbits);
    const { codes, centroids, weights, norms, normValues, lengths, starts, residuals, bytes, random } = made;
    const row = (t: number) =>
      Float64Array.from({ length: dim }, (_, d) => centroids[codes[t] * dim + d] + weights[bucketOf(made, t, d)]);
    const keep = Uint8Array.from({ length: CENTROIDS }, (_, i) => i % 3 === 0 ? 0 : 1);
    for (const queryRows of [32, 5, 40]) {
      const data = Float32Array.from({ length: queryRows * dim }, random);
      const dot = (q: number, values: Float64Array) =>
        values.reduce((sum, value, d) => sum + value * data[q * dim + d], 0);
      const stored = scoresOf(made, queryRows, (q, t) => dot(q, row(t)) * normValues[norms[t]]);
      const exact = (q: number, t: number) => dot(q, row(t)) / Math.hypot(...row(t));
      const decompressed = scoresOf(made, queryRows, exact);
      const kept = scoresOf(made, queryRows, exact, (t) => keep[codes[t]] === 1);
      await withBuilds<Float32Array>((kernel, expected) => {
        const { query, table } = tableOf(kernel, made, data, queryRows);
        const { stride, vectors } = query;
        const out = new Float32Array(lengths.length);
        const place = [starts, lengths, lengths.length] as const;

        const lut = new Float32Array(bytes * 256 * stride);
        kernel.loops.residual_table(query.data, vectors, dim, weights, nbits, lut);
        const scratch = new Float32Array(SCRATCH.codes(stride));
        const { residual_scores, residual_scores_i8, decompressed_scores } = kernel.loops;
        residual_scores(
          table,
          stride,
          queryRows,
          lut,
          bytes,
          codes,
          1,
          residuals,
          norms,
          normValues,
          ...place,
          scratch,
          out,
        );
        closeTo(`${kernel.name}, tables`, out, stored);

        const wide = byteTable(nbits, weights);
        for (const [which, wanted] of [[null, decompressed], [keep, kept]] as const) {
          const { data: blocked } = query;
          const room = new Float32Array(SCRATCH.decompress(dim, stride));
          const all = [codes, 1, residuals, ...place, room, out] as const;
          decompressed_scores(blocked, vectors, dim, queryRows, centroids, 0, wide, nbits, which, ...all);
          closeTo(`${kernel.name}, decompressed`, out, wanted);
        }

        const int8 = quantiseQueries(kernel, [{ data, rows: queryRows, dim }]);
        const levels = Uint8Array.from(weights, (weight) => Math.round(weight * 200) + 128);
        const factors = int8.factors.map((factor) => factor / 200);
        const bytesRoom = new Float32Array(SCRATCH.bytes(int8.width, stride));
        residual_scores_i8(
          table,
          stride,
          queryRows,
          int8.data,
          dim,
          int8.width,
          int8.offsets,
          factors,
          byteTable(nbits, levels),
          nbits,
          codes,
          1,
          residuals,
          norms,
          normValues,
          ...place,
          bytesRoom,
          out,
        );
        if (expected) closeTo(`${kernel.name}, int8`, out, expected);
        else closeTo("int8", out, stored, 0.02); // as near as int8 can be
        return out.slice();
      });
    }
  });
}

for (const nbits of [1, 2, 4, 8]) {
  Deno.test(`residuals of ${nbits} bits are packed alike by every build`, async () => {
    const dim = 24;
    const random = randomValues(nbits);
    const rows = halfBits(Float32Array.from({ length: 70 * dim }, random));
    const centroids = Float32Array.from({ length: 9 * dim }, random);
    const names = Int32Array.from({ length: 70 }, (_, i) => i % 9);
    const cutoffs = Float32Array.from({ length: 2 ** nbits - 1 }, (_, i) => (i + 1) / 2 ** (nbits - 1) - 1);
    const weights = Float32Array.from({ length: 2 ** nbits }, (_, i) => (i + 0.5) / 2 ** (nbits - 1) - 1);
    await withBuilds<[Uint8Array, Float32Array]>(({ loops, name }, expected) => {
      const packed = new Uint8Array(70 * dim * nbits / 8);
      const factors = new Float32Array(70);
      const scratch = new Float32Array(SCRATCH.encode(dim));
      loops.encode_residuals(rows, 1, dim, centroids, names, cutoffs, weights, nbits, 70, scratch, packed, factors);
      if (expected) {
        deepStrictEqual(packed, expected[0], name);
        deepStrictEqual(factors, expected[1], name);
      }
      return [packed, factors];
    });
  });
}

Deno.test("tables in bytes, and scores by them, are the same in every build", async () => {
  const random = randomValues(5);
  const lengths = Int32Array.from({ length: 40 }, (_, i) => (i * 7) % 23);
  const tokens = lengths.reduce((sum, n) => sum + n, 0);
  const keep = Uint8Array.from({ length: 768 }, () => random() > -0.5 ? 1 : 0);
  const values = Float32Array.from({ length: 768 * 40 }, random);
  for (const codeBytes of [1, 2, 3, 4]) {
    const codes = new Uint8Array(tokens * codeBytes);
    for (let t = 0; t < tokens; t++) {
      codes[t * codeBytes] = (random() + 1) * 128;
      if (codeBytes > 1) codes[t * codeBytes + 1] = (random() + 1) * 1.2;
    }
    for (const columns of [3, 16, 32, 40]) {
      await withBuilds<{ scores: Float32Array; largest: Float32Array }>((kernel, expected) => {
        const stride = Math.ceil(columns / kernel.lanes) * kernel.lanes;
        const table = new Float32Array(768 * stride).fill(2); // what is beyond the columns must not count
        for (let i = 0; i < 768; i++) table.set(values.subarray(i * 40, i * 40 + columns), i * stride);
        const largest = new Float32Array(768);
        kernel.loops.largest(table, 768, stride, columns, largest);
        const bytes = new Uint8Array(768 * stride);
        kernel.loops.table_bytes(table, 768, stride, columns, keep, -0.9, 0.0075, bytes);
        const scores = new Float32Array(40);
        const scratch = new Float32Array(SCRATCH.codes(Math.max(stride, 16)));
        const place = [startsOf(lengths), lengths, 40, scratch, scores] as const;
        kernel.loops.centroid_scores_i8(bytes, stride, codes, codeBytes, ...place);
        if (expected) deepStrictEqual({ scores, largest }, expected, kernel.name);
        return { scores, largest };
      });
    }
  }
});
