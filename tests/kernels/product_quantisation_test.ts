import { deepStrictEqual } from "node:assert/strict";
import { entriesOf, SCRATCH } from "../../kernels/loops.ts";
import { halfBits, randomValues, withBuilds } from "./builds.ts";

const [DIM, M, KSUB] = [24, 4, 256];

Deno.test("rows are encoded alike by every build, also with few entries", async () => {
  const random = randomValues(9);
  const rows = halfBits(Float32Array.from({ length: 90 * DIM }, random));
  const centroids = Float32Array.from({ length: 7 * DIM }, random);
  const names = Int32Array.from({ length: 90 }, (_, i) => i % 7);
  for (const ksub of [KSUB, 13, 1]) {
    const entries = Float32Array.from({ length: ksub * DIM }, random);
    await withBuilds<Uint8Array>(({ loops, name }, expected) => {
      const out = new Uint8Array(90 * M);
      const scratch = new Float32Array(SCRATCH.pq_encode(DIM, ksub));
      loops.pq_encode(rows, 1, DIM, centroids, names, entries, M, ksub, 90, scratch, out);
      if (expected) deepStrictEqual(out, expected, name);
      return out;
    });
  }
});

Deno.test("the nearest codes of some lists, every build, ties to those in front", async () => {
  const random = randomValues(10);
  const sizes = Int32Array.of(300, 0, 41, 1);
  const total = 342;
  const codes = Uint8Array.from({ length: (total + 9) * M }, () => (random() + 1) * 128);
  codes.copyWithin(200 * M, 10 * M, 60 * M); // equal distances
  const starts = Float64Array.of(9 * M, 0, 309 * M, 350 * M);
  const centroids = Float32Array.from({ length: 5 * DIM }, random);
  const entries = Float32Array.from({ length: KSUB * DIM }, random);
  const lists = Int32Array.of(3, 0, 1, 4);
  const query = Float32Array.from({ length: DIM }, random);
  for (const k of [1, 3, 10, 150, 341, 342, 500]) {
    await withBuilds<Int32Array>(({ loops, name }, expected) => {
      const positions = new Int32Array(k);
      const scratch = new Float32Array(SCRATCH.pq_search(DIM, M, KSUB, k));
      const where = [lists, starts, sizes, 4, entries, M, KSUB, codes, k, scratch, positions] as const;
      loops.pq_search(query, DIM, centroids, ...where);
      if (expected) deepStrictEqual(positions, expected, `${name}, k ${k}`);
      return positions;
    });
  }
  await withBuilds(({ loops, name }) => {
    const positions = new Int32Array(3);
    const scratch = new Float32Array(SCRATCH.pq_search(DIM, M, KSUB, 3));
    const none = [new Int32Array(0), new Float64Array(0), new Int32Array(0), 0] as const;
    loops.pq_search(query, DIM, centroids, ...none, entries, M, KSUB, codes, 3, scratch, positions);
    deepStrictEqual([...positions], [-1, -1, -1], name);
  });
});

Deno.test("long lists, more than are kept at once", async () => {
  const random = randomValues(11);
  const [dim, m, total] = [32, 16, 5000];
  const sizes = Int32Array.of(1200, 3800);
  const codes = Uint8Array.from({ length: total * m }, () => (random() + 1) * 128);
  codes.copyWithin(4000 * m, 100 * m, 900 * m); // equal distances
  const centroids = new Float32Array(2 * dim);
  const entries = Float32Array.from({ length: KSUB * dim }, random);
  const query = Float32Array.from({ length: dim }, random);
  for (const k of [1, 20, 700]) {
    await withBuilds<Int32Array>(({ loops, name }, expected) => {
      const positions = new Int32Array(k);
      const scratch = new Float32Array(SCRATCH.pq_search(dim, m, KSUB, k));
      const lists = [Int32Array.of(0, 1), Float64Array.of(0, 1200 * m), sizes, 2] as const;
      loops.pq_search(query, dim, centroids, ...lists, entries, m, KSUB, codes, k, scratch, positions);
      if (expected) deepStrictEqual(positions, expected, `${name}, k ${k}`);
      return positions;
    });
  }
});

Deno.test("codebooks are turned so that entries lie side by side", () => {
  const codebooks = Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12); // two parts, three entries of two
  deepStrictEqual([...entriesOf(codebooks, 2, 3, new Float32Array(12))], [1, 3, 5, 2, 4, 6, 7, 9, 11, 8, 10, 12]);
});
