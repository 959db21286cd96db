import { deepStrictEqual } from "node:assert/strict";
import { SCRATCH } from "../../kernels/loops.ts";
import { halfBits, randomValues, withBuilds } from "./builds.ts";

const [DIM, M, KSUB] = [24, 4, 256];

Deno.test("rows are encoded alike by every build, also with few entries", async () => {
  const random = randomValues(9);
  const rows = halfBits(Float32Array.from({ length: 90 * DIM }, random));
  const centroids = Float32Array.from({ length: 7 * DIM }, random);
  const names = Int32Array.from({ length: 90 }, (_, i) => i % 7);
  for (const ksub of [KSUB, 13, 1]) {
    const codebooks = Float32Array.from({ length: ksub * DIM }, random);
    await withBuilds<Uint8Array>(({ loops, name }, expected) => {
      const out = new Uint8Array(90 * M);
      const scratch = new Float32Array(SCRATCH.pq_encode(DIM, ksub));
      loops.pq_encode(rows, 1, DIM, centroids, names, codebooks, M, ksub, 90, scratch, out);
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
  const codebooks = Float32Array.from({ length: KSUB * DIM }, random);
  const lists = Int32Array.of(3, 0, 1, 4);
  const query = Float32Array.from({ length: DIM }, random);
  for (const k of [1, 10, 150, 341, 342, 500]) {
    await withBuilds<Int32Array>(({ loops, name }, expected) => {
      const positions = new Int32Array(k);
      const scratch = new Float32Array(SCRATCH.pq_search(DIM, M, KSUB, total));
      const where = [lists, starts, sizes, 4, codebooks, M, KSUB, codes, k, scratch, positions] as const;
      loops.pq_search(query, DIM, centroids, ...where);
      if (expected) deepStrictEqual(positions, expected, `${name}, k ${k}`);
      return positions;
    });
  }
  await withBuilds(({ loops, name }) => {
    const positions = new Int32Array(3);
    const scratch = new Float32Array(SCRATCH.pq_search(DIM, M, KSUB, 0));
    const none = [new Int32Array(0), new Float64Array(0), new Int32Array(0), 0] as const;
    loops.pq_search(query, DIM, centroids, ...none, codebooks, M, KSUB, codes, 3, scratch, positions);
    deepStrictEqual([...positions], [-1, -1, -1], name);
  });
});
