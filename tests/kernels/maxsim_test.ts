import { deepStrictEqual, ok } from "node:assert/strict";
import type { Matrix } from "../../encoders/encoder.ts";
import { createKernel } from "../../kernels/kernel.ts";
import { blockQueries, maxsim, startsOf } from "../../kernels/maxsim.ts";
import { maxsimI8, quantisedWidth, quantiseQueries, quantiseRows, scoreError } from "../../kernels/maxsim_i8.ts";
import { builds, halfBits, randomValues, withBuilds } from "./builds.ts";

const DIMS = [24, 48, 96, 128, 200, 7];

/** The definition, in float64. */
function define(query: Matrix, rows: ArrayLike<number>, first: number, length: number): number {
  if (length === 0) return -Infinity;
  let sum = 0;
  for (let q = 0; q < query.rows; q++) {
    let best = -Infinity;
    for (let t = first; t < first + length; t++) {
      let dot = 0;
      for (let d = 0; d < query.dim; d++) dot += query.data[q * query.dim + d] * rows[t * query.dim + d];
      best = Math.max(best, dot);
    }
    sum += best;
  }
  return sum;
}

/** Runs every build on one input, fp16 and float32, one query and several, and compares with the definition. */
async function compare(
  dim: number,
  queryRows: readonly number[],
  lengths: readonly number[],
  value: (i: number) => number,
) {
  const tokens = lengths.reduce((sum, n) => sum + n, 0);
  const halves = Float16Array.from({ length: tokens * dim }, (_, i) => value(i));
  const queries = queryRows.map((rows, n): Matrix => {
    return { data: Float32Array.from({ length: rows * dim }, (_, i) => value(i * 31 + 7 + n)), rows, dim };
  });
  const passages = { starts: startsOf(Int32Array.from(lengths)), lengths: Int32Array.from(lengths) };
  const expected = lengths.flatMap((length, i) =>
    queries.map((query) => define(query, halves, passages.starts[i], length))
  );
  await withBuilds((kernel) => {
    for (const rows of [halfBits(halves), Float32Array.from(halves)]) {
      const out = new Float32Array(lengths.length * queries.length);
      maxsim(kernel, blockQueries(kernel, queries), rows, passages, out);
      out.forEach((got, i) => {
        const slack = 2e-5 * Math.max(1, queryRows[i % queries.length], Math.abs(expected[i]));
        const close = got === expected[i] || Math.abs(got - expected[i]) <= slack;
        ok(close, `${kernel.name}, dim ${dim}, ${queryRows} rows, passage ${i}: ${got} and not ${expected[i]}`);
      });
    }
  });
}

for (const dim of DIMS) {
  Deno.test(`MaxSim: all builds agree on random rows, dim ${dim}`, async () => {
    const random = randomValues(dim);
    const lengths = Array.from({ length: 40 }, (_, i) => (i * 13) % 29);
    for (const rows of [1, 5, 16, 17, 32, 40]) await compare(dim, [rows], lengths, random);
    await compare(dim, [32, 1, 0, 20], lengths, random);
  });
}

Deno.test("MaxSim: all builds agree on one-token and on 4,096-token passages", async () => {
  await compare(128, [32], [1, 4096, 1, 2, 3, 4, 5, 6, 7, 8, 9], randomValues(5));
});

Deno.test("MaxSim: all builds agree on denormals, zeros, the largest halves and equal scores", async () => {
  const special = [0, -0, 2 ** -24, -(2 ** -24), 2 ** -14, 65504, -65504, 1, -1, 1 / 3];
  await compare(16, [8], [3, 1, 4, 1, 5], (i) => special[(i * 7) % special.length] / 256);
  await compare(16, [8], [2, 2, 2, 2], () => 0.25);
  await compare(16, [8], [3, 3], (i) => i % 2 ? 2 ** -24 : -(2 ** -24));
});

Deno.test("MaxSim: passages may be anywhere, in any order", async () => {
  const random = randomValues(3);
  const halves = Float16Array.from({ length: 100 * 16 }, random);
  const query = { data: Float32Array.from({ length: 5 * 16 }, random), rows: 5, dim: 16 };
  const starts = Float64Array.of(60, 3, 99, 0);
  const lengths = Int32Array.of(17, 5, 1, 0);
  await withBuilds((kernel) => {
    const out = new Float32Array(4);
    maxsim(kernel, blockQueries(kernel, [query]), halfBits(halves), { starts, lengths }, out);
    out.forEach((got, i) => {
      const expected = define(query, halves, starts[i], lengths[i]);
      ok(got === expected || Math.abs(got - expected) < 1e-4, `${kernel.name}: ${got} and not ${expected}`);
    });
  });
});

Deno.test("every finite half is widened exactly, and every float32 narrowed to the nearest half", async () => {
  const halves = Uint16Array.from({ length: 65536 }, (_, i) => i).filter((half) => (half & 0x7c00) !== 0x7c00);
  const values = new Float16Array(halves.buffer);
  const random = randomValues(9);
  const floats = Float32Array.from({ length: 100_000 }, () => random() * 2 ** Math.floor(random() * 45));
  const near = Float32Array.from(values, (value) => value * (1 + 2 ** -11)); // half way to the next one
  await withBuilds(({ name, loops }) => {
    const wide = new Float32Array(halves.length);
    loops.widen_rows(halves, wide, halves.length);
    ok(wide.every((value, i) => Object.is(value, values[i])), name);
    for (
      const source of [floats, near, Float32Array.of(65519.99, 65520, -70000, Infinity, 0, -0, 2 ** -25, 3 * 2 ** -26)]
    ) {
      const narrow = new Uint16Array(source.length);
      loops.narrow_rows(source, narrow, source.length);
      deepStrictEqual(narrow, halfBits(source), name);
    }
  });
});

for (const dim of [24, 30, 128]) {
  Deno.test(`int8 MaxSim: all builds give the same bits, within the proved bound of the exact score, dim ${dim}`, async () => {
    const random = randomValues(dim + 1);
    const lengths = Int32Array.from({ length: 60 }, (_, i) => (i * 7) % 23);
    const passages = { starts: startsOf(lengths), lengths };
    const tokens = lengths.reduce((sum, n) => sum + n, 0);
    const rows = halfBits(Float32Array.from({ length: tokens * dim }, (_, i) => random() * (i % 97 === 0 ? 8 : 1)));
    const queries = [32, 7].map((rows): Matrix => {
      return { data: Float32Array.from({ length: rows * dim }, random), rows, dim };
    });
    const width = quantisedWidth(dim);
    await withBuilds<{ values: Uint8Array; scales: Float32Array; out: Float32Array }>((kernel, expected) => {
      const quantised = { width, values: new Uint8Array(tokens * width), scales: new Float32Array(tokens) };
      const errors = new Float32Array(tokens);
      quantiseRows(kernel, rows, dim, quantised, errors);
      const block = quantiseQueries(kernel, queries);
      const out = new Float32Array(2 * lengths.length);
      maxsimI8(kernel, block, quantised, passages, out);
      const values = new Float16Array(rows.buffer);
      lengths.forEach((length, i) => {
        const range = Array.from({ length }, (_, t) => passages.starts[i] + t);
        const norm = Math.max(0, ...range.map((t) => Math.hypot(...values.subarray(t * dim, (t + 1) * dim))));
        const error = Math.max(0, ...range.map((t) => errors[t]));
        queries.forEach((query, q) => {
          const exact = define(query, values, passages.starts[i], length);
          const off = Math.abs(out[2 * i + q] - exact);
          ok(length === 0 || off <= scoreError(block, q, norm, error), `${kernel.name}: off by ${off}`);
        });
      });
      if (expected) {
        deepStrictEqual(quantised.values, expected.values, kernel.name);
        deepStrictEqual(quantised.scales, expected.scales, kernel.name);
        out.forEach((got, i) => {
          ok(got === expected.out[i] || Math.abs(got - expected.out[i]) <= 1e-5 * Math.abs(got), `${kernel.name} ${i}`);
        });
      }
      return { ...quantised, out };
    });
  });
}

Deno.test("the native build maps files without reading them, and refuses shorter ones", async () => {
  const native = (await builds()).at(-1)!;
  if (native.name !== "native") return;
  const kernel = createKernel(native);
  const file = Deno.makeTempFileSync();
  Deno.writeFileSync(file, Uint8Array.from({ length: 10_000 }, (_, i) => i));
  {
    using map = kernel.mapFile!(file, 10_000)!;
    map.advise("random");
    deepStrictEqual(map.bytes.subarray(5000, 5003), Uint8Array.of(5000 & 255, 5001 & 255, 5002 & 255));
  }
  deepStrictEqual(kernel.mapFile!(file, 10_001), null);
  deepStrictEqual(kernel.mapFile!(`${file}.absent`, 1), null);
  kernel.close();
  Deno.removeSync(file);
});
