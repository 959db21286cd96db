import { deepStrictEqual } from "node:assert/strict";
import type { Kernel } from "../../kernels/kernel.ts";
import { SCRATCH } from "../../kernels/loops.ts";
import { blockQueries, startsOf } from "../../kernels/maxsim.ts";
import { closeTo } from "../fixtures/expect.ts";
import { halfBits, randomValues, withBuilds } from "./builds.ts";

/** The columns that are real of `[rows, stride]`. */
function columnsOf(table: Float32Array, stride: number, columns: number): number[] {
  return [...table].filter((_, i) => i % stride < columns);
}

function productsOf(kernel: Kernel, queryRows: number, dim: number, centroids: number, seed: number) {
  const random = randomValues(seed);
  const data = Float32Array.from({ length: queryRows * dim }, random);
  const rows = halfBits(Float32Array.from({ length: centroids * dim }, random));
  const query = blockQueries(kernel, [{ data, rows: queryRows, dim }]);
  const table = new Float32Array(centroids * query.stride);
  kernel.loops.products(query.data, query.vectors, dim, rows, 1, centroids, query.scratch, table);
  return { query, table, stride: query.stride };
}

for (const [queryRows, dim] of [[32, 128], [5, 24], [40, 96]] as const) {
  Deno.test(`products with centroids and the best cells, ${queryRows} × ${dim}`, async () => {
    await withBuilds<{ products: number[]; values: Float32Array; numbers: Int32Array }>((kernel, expected) => {
      const { table, stride } = productsOf(kernel, queryRows, dim, 203, 1);
      const k = 4;
      const values = new Float32Array(queryRows * k);
      const numbers = new Int32Array(queryRows * k);
      kernel.loops.top_cells(table, 203, stride, queryRows, k, new Float32Array(stride), values, numbers);
      const products = columnsOf(table, stride, queryRows);
      if (expected) {
        closeTo(kernel.name, products, expected.products);
        closeTo(kernel.name, values, expected.values);
        deepStrictEqual(numbers, expected.numbers, kernel.name);
      }
      return { products, values, numbers };
    });
  });
}

Deno.test("best cells: ties by number, and fewer rows than asked for", async () => {
  await withBuilds((kernel) => {
    const stride = kernel.lanes;
    const products = new Float32Array(3 * stride).fill(0.5);
    const values = new Float32Array(5);
    const numbers = new Int32Array(5);
    kernel.loops.top_cells(products, 3, stride, 1, 5, new Float32Array(stride), values, numbers);
    deepStrictEqual([...numbers], [0, 1, 2, -1, -1], kernel.name);
    deepStrictEqual([...values], [0.5, 0.5, 0.5, -Infinity, -Infinity], kernel.name);
  });
});

for (const codeBytes of [1, 2, 3, 4]) {
  Deno.test(`scores by centroids, codes of ${codeBytes} bytes, some pruned`, async () => {
    const random = randomValues(codeBytes);
    const lengths = Int32Array.from({ length: 50 }, (_, i) => (i * 11) % 19);
    const tokens = lengths.reduce((sum, n) => sum + n, 0);
    const codes = new Uint8Array(tokens * codeBytes);
    for (let t = 0; t < tokens; t++) {
      codes[t * codeBytes] = (random() + 1) * 100;
      if (codeBytes > 1) codes[t * codeBytes + 1] = (random() + 1) * 0.9;
    }
    const keep = Uint8Array.from({ length: 500 }, () => random() > 0 ? 1 : 0);
    for (const queryRows of [32, 9]) {
      await withBuilds<number[]>((kernel, expected) => {
        const { table, stride } = productsOf(kernel, queryRows, 48, 500, 2);
        const scratch = new Float32Array(SCRATCH.codes(stride));
        const found: number[] = [];
        for (const kept of [null, keep]) {
          const out = new Float32Array(50);
          const { centroid_scores } = kernel.loops;
          centroid_scores(
            table,
            stride,
            queryRows,
            kept,
            codes,
            codeBytes,
            startsOf(lengths),
            lengths,
            50,
            -9999,
            scratch,
            out,
          );
          found.push(...out);
        }
        if (expected) closeTo(kernel.name, found, expected);
        return found;
      });
    }
  });
}

for (const [dim, count] of [[128, 100], [24, 33], [7, 1]] as const) {
  Deno.test(`nearest centroids and sums of lists, ${count} × ${dim}`, async () => {
    const random = randomValues(dim);
    const rows = Float32Array.from({ length: 211 * dim }, random);
    const which = Int32Array.from({ length: 150 }, (_, i) => (i * 37) % 211);
    const names = Int32Array.from({ length: count }, (_, i) => (i * 13) % 211);
    await withBuilds<{ out: Int32Array[]; scores: Float32Array; sums: Float32Array }>((kernel, expected) => {
      const { loops, lanes } = kernel;
      const blocked = new Float32Array(Math.ceil(count / lanes) * lanes * dim);
      const scratch = new Float32Array(Math.max(SCRATCH.nearest(dim), SCRATCH.rows(dim, 0)));
      loops.block_rows(halfBits(rows), 1, dim, names, count, scratch, blocked);
      const scores = new Float32Array(150);
      const out = [new Int32Array(150), new Int32Array(211)];
      loops.nearest(blocked, names, count, dim, halfBits(rows), 1, which, 150, scratch, out[0], scores);
      loops.nearest(blocked, null, count, dim, rows, 0, null, 211, scratch, out[1], null);
      const sums = new Float32Array(3 * dim);
      loops.sum_lists(halfBits(rows), 1, dim, which, Int32Array.of(0, 70, 70, 150), 3, scratch, sums);
      if (expected) {
        deepStrictEqual(out, expected.out, kernel.name);
        closeTo(kernel.name, scores, expected.scores);
        closeTo(kernel.name, sums, expected.sums);
      }
      return { out, scores, sums };
    });
  });
}

Deno.test("of equally near centroids the first of the list is taken", async () => {
  await withBuilds((kernel) => {
    const rows = new Float32Array(40 * 8).fill(0.5);
    const blocked = new Float32Array(48 * 8);
    const scratch = new Float32Array(SCRATCH.nearest(8));
    const names = Int32Array.from({ length: 40 }, (_, i) => 39 - i);
    kernel.loops.block_rows(rows, 0, 8, names, 40, scratch, blocked);
    const out = new Int32Array(3);
    kernel.loops.nearest(blocked, names, 40, 8, rows, 0, null, 3, scratch, out, null);
    deepStrictEqual([...out], [39, 39, 39], kernel.name);
  });
});

Deno.test("distance tables and scans of product quantisation", async () => {
  const random = randomValues(4);
  const [m, ksub, dsub, count] = [16, 256, 8, 300];
  const query = Float32Array.from({ length: m * dsub }, random);
  const entries = Float32Array.from({ length: m * ksub * dsub }, random);
  const codes = Uint8Array.from({ length: count * m }, () => (random() + 1) * 128);
  await withBuilds<Float32Array[]>((kernel, expected) => {
    const tables = new Float32Array(m * ksub);
    kernel.loops.pq_tables(query, entries, m, ksub, dsub, tables);
    const out = new Float32Array(count);
    kernel.loops.pq_scan(tables, m, ksub, codes, count, 0.25, out);
    if (expected) [tables, out].forEach((got, i) => closeTo(kernel.name, got, expected[i]));
    return [tables, out];
  });
});
