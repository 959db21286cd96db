import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { byteLevels, byteWeights, quantile, trainBuckets } from "../../../backends/plaid/index/codec.ts";
import { bytesFor } from "../../../backends/plaid/index/format.ts";
import { encodeList, LIST_PADDING } from "../../../backends/plaid/index/gaps.ts";
import { heldoutRows, partitionsFor, samplePassages } from "../../../backends/plaid/build/plan.ts";
import { SCRATCH } from "../../../kernels/loops.ts";
import { numbersOfBits } from "../../../backends/passage_bits.ts";
import { withBuilds } from "../../kernels/builds.ts";

Deno.test("quantiles are torch.quantile's", () => {
  const values = Float32Array.of(-3, -1, 0, 2, 10);
  const found = [0, 0.1, 0.25, 0.5, 0.9, 1].map((share) => quantile(values, share).toFixed(6));
  deepStrictEqual(found, [-3, -2.2, -1, 0, 6.8, 10].map((value) => value.toFixed(6)));
  strictEqual(quantile(new Float32Array(0), 0.5), 0);
});

Deno.test("buckets hold equally many residuals, and weights lie half way", () => {
  const residuals = Float32Array.from({ length: 1601 }, (_, i) => (i * 613 % 1601) / 1600);
  const { cutoffs, weights } = trainBuckets(residuals, 2);
  deepStrictEqual([...cutoffs].map((x) => x.toFixed(4)), ["0.2500", "0.5000", "0.7500"]);
  deepStrictEqual([...weights].map((x) => x.toFixed(4)), ["0.1250", "0.3750", "0.6250", "0.8750"]);
});

/** Indices of buckets and the byte that Stanford's `packbits` makes of them. */
const GOLDEN = [[1, [1, 0, 1, 1, 0, 0, 0, 1], 0xb1], [2, [2, 1, 3, 0], 0x6c], [4, [1, 8], 0x81]] as const;

for (const [nbits, buckets, byte] of GOLDEN) {
  Deno.test(`${nbits} bits are packed as Stanford's code packs them`, async () => {
    const weights = Float32Array.from({ length: 2 ** nbits }, (_, i) => i);
    const meanings = byteWeights({ nbits, weights }).slice(byte * buckets.length, (byte + 1) * buckets.length);
    deepStrictEqual([...meanings], [...buckets]);
    const { levels, scale } = byteLevels({ nbits, weights });
    const level = (i: number) => Math.round((levels[byte * buckets.length + i] - 128) * scale);
    deepStrictEqual(buckets.map((_, i) => level(i)), [...buckets]);
    await withBuilds(({ loops, name }) => {
      const rows = Float32Array.from(buckets, (bucket) => bucket + 0.5);
      const cutoffs = Float32Array.from({ length: 2 ** nbits - 1 }, (_, i) => i + 1);
      const out = new Uint8Array(1);
      const dim = buckets.length;
      const zero = new Float32Array(dim);
      const room = new Float32Array(SCRATCH.encode(dim));
      loops.encode_residuals(
        rows,
        0,
        dim,
        zero,
        new Int32Array(1),
        cutoffs,
        weights,
        nbits,
        1,
        room,
        out,
        new Float32Array(1),
      );
      strictEqual(out[0], byte, name);
    });
  });
}

Deno.test("a value on a cutoff belongs to the bucket below (torch.bucketize)", async () => {
  await withBuilds(({ loops, name }) => {
    const out = new Uint8Array(1);
    const cutoffs = Float32Array.of(-1, 0, 1);
    const rows = Float32Array.of(0, 0.001, -1, 1);
    const room = new Float32Array(SCRATCH.encode(4));
    const zero = new Float32Array(4);
    loops.encode_residuals(rows, 0, 4, zero, Int32Array.of(0), cutoffs, zero, 2, 1, room, out, new Float32Array(1));
    const packed = [1, 2, 0, 2].map((bucket) => `${bucket & 1}${bucket >> 1}`).join("");
    strictEqual(out[0], parseInt(packed, 2), name);
  });
});

Deno.test("partitions, sample and held-out rows follow the published rules", () => {
  strictEqual(partitionsFor(597_900_000, 1e9), 2 ** 18);
  strictEqual(partitionsFor(2_328_195, 1e9), 16_384);
  strictEqual(partitionsFor(597_900_000, 1000), 512);
  strictEqual(partitionsFor(0, 0), 1);
  strictEqual(samplePassages(8_841_823, 7).length, 521_173);
  const sample = samplePassages(5000, 3);
  deepStrictEqual(samplePassages(5000, 3), sample);
  ok(sample.every((number, i) => i === 0 || number > sample[i - 1]) && sample[sample.length - 1] < 5000);
  strictEqual(samplePassages(3, 1).length, 3);
  deepStrictEqual([100, 10, 1e7].map(heldoutRows), [5, 1, 50_000]);
  deepStrictEqual([1, 256, 257, 65_536, 65_537, 2 ** 24, 2 ** 24 + 1].map(bytesFor), [1, 1, 2, 2, 3, 3, 4]);
});

Deno.test("lists of passages come back from their bits, in every build", async () => {
  const lists = fc.sample(
    fc.uniqueArray(fc.oneof(fc.nat(40), fc.nat(3000), fc.nat(5_000_000)), { maxLength: 300 }),
    { numRuns: 60, seed: 7 },
  ).map((numbers) => Int32Array.from(numbers).sort());
  const encoded = lists.map(encodeList);
  const bytes = new Uint8Array(encoded.reduce((sum, { length }) => sum + length, LIST_PADDING));
  const starts = new Float64Array(lists.length);
  const ends = new Float64Array(lists.length);
  let at = 0;
  encoded.forEach((list, i) => {
    starts[i] = at;
    bytes.set(list, at);
    at += list.length;
    ends[i] = at;
  });
  const words = Math.ceil(5_000_001 / 32);
  await withBuilds(({ loops, name }) => {
    const out = new Uint32Array(words).fill(7);
    for (const group of [[0], [3, 4], [...lists.keys()]]) {
      const places = [starts, ends].map((all) => Float64Array.from(group, (i) => all[i])) as [
        Float64Array,
        Float64Array,
      ];
      const broken = Int32Array.of(-1);
      loops.mark_lists(bytes, ...places, group.length, 5_000_001, words, out, broken);
      deepStrictEqual([...broken], [0], name);
      const expected = [...new Set(group.flatMap((i) => [...lists[i]]))].sort((a, b) => a - b);
      deepStrictEqual([...numbersOfBits(out)], expected, name);
    }
  });
});
