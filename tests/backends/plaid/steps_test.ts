import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { bestRice, openStepWriter, readSteps } from "../../../backends/plaid/index/steps.ts";
import { SCRATCH } from "../../../kernels/loops.ts";
import { startsOf } from "../../../kernels/maxsim.ts";
import { closeTo } from "../../fixtures/expect.ts";
import { randomValues, withBuilds } from "../../kernels/builds.ts";

Deno.test("values in steps are read as they were rounded, whatever the parameter", () => {
  const values = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { maxLength: 300 });
  fc.assert(
    fc.property(values, fc.integer({ min: 0, max: 9 }), fc.integer({ min: 1, max: 8 }), (given, rice, width) => {
      const codec = { width: width / 4, rice };
      const rounded = Float32Array.from(given);
      const writer = openStepWriter(codec);
      strictEqual(writer.add(new Float32Array(5)), writer.bytes().length);
      const before = writer.bytes().length;
      const size = writer.add(rounded);
      const list = writer.bytes().subarray(before);
      strictEqual(list.length, size);
      deepStrictEqual(
        [...readSteps(list, given.length, codec)].map((value) => value + 0),
        [...rounded].map((value) => value + 0),
      );
      given.forEach((value, i) => ok(Math.abs(rounded[i] - value) <= codec.width / 2 + 1e-6));
      throws(() => readSteps(list.subarray(0, size - 1), given.length, codec), /cut off/);
    }),
  );
});

Deno.test("the best parameter makes the shortest list, near the entropy of where steps are", () => {
  const random = randomValues(3);
  for (const share of [0.02, 0.06, 0.2]) {
    const values = Float32Array.from(
      { length: 40_000 },
      () => (random() + 1) / 2 < share ? (random() < 0 ? -1 : 1) : 0,
    );
    const sizes = Array.from({ length: 12 }, (_, rice) => openStepWriter({ width: 1, rice }).add(values.slice()));
    const best = bestRice(values, 1);
    strictEqual(sizes[best], Math.min(...sizes));
    const entropy = -share * Math.log2(share) - (1 - share) * Math.log2(1 - share) + share;
    ok(8 * sizes[best] / values.length < 1.08 * entropy, `${8 * sizes[best] / values.length} bits, entropy ${entropy}`);
  }
});

for (const [dim, rice, share] of [[128, 3, 0.06], [24, 0, 0.5], [7, 5, 0.01]] as const) {
  Deno.test(`scores from residuals in steps equal those of what they stand for, ${dim} dimensions, every build`, async () => {
    const random = randomValues(dim);
    const [centroids, passages, width] = [60, 30, 0.25];
    const lengths = Int32Array.from({ length: passages }, (_, i) => (i * 7) % 23);
    const starts = startsOf(lengths);
    const tokens = lengths.reduce((sum, n) => sum + n, 0);
    const codes = Uint8Array.from({ length: tokens }, () => (random() + 1) * 30);
    const norms = Uint8Array.from({ length: tokens }, () => (random() + 1) * 128);
    const normValues = Float32Array.from({ length: 256 }, (_, i) => 0.75 + i / 512);
    const writer = openStepWriter({ width, rice });
    const values = Float32Array.from({ length: tokens * dim }, () => (random() + 1) / 2 < share ? random() : 0);
    const sizes = Array.from(
      lengths,
      (length, i) => writer.add(values.subarray(starts[i] * dim, (starts[i] + length) * dim)),
    );
    const residualStarts = startsOf(Int32Array.from(sizes));
    const residualEnds = residualStarts.map((start, i) => start + sizes[i]);
    const lists = new Uint8Array(writer.bytes().length + 8);
    lists.set(writer.bytes());
    for (const columns of [3, 32, 40]) {
      const products = Float32Array.from({ length: centroids * columns }, random);
      const query = Float32Array.from({ length: dim * columns }, random);
      const expected = Array.from(lengths, (length, i) => {
        let sum = length === 0 ? -Infinity : 0;
        for (let q = 0; q < columns; q++) {
          let best = -Infinity;
          for (let t = starts[i]; t < starts[i] + length; t++) {
            let product = products[codes[t] * columns + q];
            for (let d = 0; d < dim; d++) product += values[t * dim + d] * query[d * columns + q];
            best = Math.max(best, product * normValues[norms[t]]);
          }
          sum += best;
        }
        return sum;
      });
      await withBuilds((kernel) => {
        const stride = Math.ceil(columns / kernel.lanes) * kernel.lanes;
        const table = new Float32Array(centroids * stride).fill(9);
        for (let c = 0; c < centroids; c++) table.set(products.subarray(c * columns, (c + 1) * columns), c * stride);
        const steps = new Float32Array(dim * 2 * stride);
        for (let d = 0; d < dim; d++) {
          for (let q = 0; q < columns; q++) {
            steps[2 * d * stride + q] = width * query[d * columns + q];
            steps[(2 * d + 1) * stride + q] = -width * query[d * columns + q];
          }
        }
        const out = new Float32Array(passages);
        const scratch = new Float32Array(SCRATCH.codes(stride));
        const stored = [codes, 1, lists, residualStarts, residualEnds, norms, normValues] as const;
        const place = [starts, lengths, passages, scratch, out] as const;
        kernel.loops.step_scores(table, stride, columns, steps, dim, rice, ...stored, ...place);
        closeTo(kernel.name, out, expected);
      });
    }
  });
}
