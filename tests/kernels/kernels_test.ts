import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import fc from "fast-check";
import { chooseKernel } from "../../kernels/choose.ts";
import { createKernel, type Kernel, type KernelChoice, MAX_QUERY_ROWS } from "../../kernels/kernel.ts";
import { maxsim } from "../../kernels/reference.ts";
import { topK } from "../../kernels/top_k.ts";
import { buildMaxsim } from "../../kernels/wasm/build.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const DIMS = [24, 48, 96, 128, 200, 7];

let known: Promise<KernelChoice[]> | undefined;

/** Every build that runs here, compiled once; without a C compiler the native one is left out, with a line that says so. */
function builds(): Promise<KernelChoice[]> {
  return known ??= (async () => {
    using store = temporaryFolder();
    const { choice, note } = await chooseKernel("auto", store.path);
    if (note) console.warn(note);
    const native = choice.name === "native" ? [{ ...choice, library: keep(choice.library) }] : [];
    return [{ name: "reference" }, { name: "wasm" }, ...native];
  })();
}

/** Moves the library out of the folder that goes away with the block. */
function keep(library: string): string {
  const kept = Deno.makeTempFileSync({ suffix: ".so" });
  Deno.copyFileSync(library, kept);
  return kept;
}

/** Seeded numbers in [-1, 1). */
function randomValues(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = Math.imul(state ^ state >>> 15, 0x2c1b3c6d) + 0x9e3779b9 >>> 0;
    return (state >>> 8) / 2 ** 23 - 1;
  };
}

function score(kernel: Kernel, rows: Float16Array<ArrayBuffer>, lengths: readonly number[]): Float32Array<ArrayBuffer> {
  kernel.rows.set(new Uint8Array(rows.buffer, 0, rows.byteLength));
  const out = new Float32Array(lengths.length);
  kernel.maxsim(0, Int32Array.from(lengths), out);
  return out;
}

/** Runs every build on one input and compares it with the float64 definition. */
async function compareBuilds(
  dim: number,
  queryRows: number,
  lengths: readonly number[],
  value: (i: number) => number,
): Promise<void> {
  const tokens = lengths.reduce((sum, n) => sum + n, 0);
  const rows = new Float16Array(Math.max(1, tokens * dim)).map((_, i) => value(i));
  const data = new Float32Array(queryRows * dim).map((_, i) => value(i * 31 + 7));
  const query = { data, rows: queryRows, dim };
  let first = 0;
  const expected = lengths.map((length) => {
    const passage = rows.subarray(first * dim, (first + length) * dim);
    first += length;
    return maxsim(query, passage, length);
  });
  for (const choice of await builds()) {
    const kernel = createKernel(choice, dim, Math.max(2, rows.byteLength));
    kernel.setQuery(query);
    const found = score(kernel, rows, lengths);
    kernel.close();
    found.forEach((got, i) => {
      const close = got === expected[i] ||
        Math.abs(got - expected[i]) <= 2e-5 * Math.max(1, queryRows, Math.abs(expected[i]));
      ok(close, `${choice.name}, dim ${dim}, ${queryRows} query rows, passage ${i}: ${got} and not ${expected[i]}`);
    });
  }
}

for (const dim of DIMS) {
  Deno.test(`all builds agree on random rows, dim ${dim}`, async () => {
    const random = randomValues(dim);
    const lengths = Array.from({ length: 40 }, (_, i) => (i * 13) % 29);
    for (const rows of [1, 5, 16, 17, 32, 40]) await compareBuilds(dim, rows, lengths, random);
  });
}

Deno.test("all builds agree on one-token and on 4,096-token passages", async () => {
  const random = randomValues(5);
  await compareBuilds(128, 32, [1, 4096, 1, 2, 3, 4, 5, 6, 7, 8, 9], random);
});

Deno.test("all builds agree on denormals, zeros, the largest halves and equal scores", async () => {
  const special = [0, -0, 2 ** -24, -(2 ** -24), 2 ** -14, 65504, -65504, 1, -1, 1 / 3];
  await compareBuilds(16, 8, [3, 1, 4, 1, 5], (i) => special[(i * 7) % special.length] / 256);
  await compareBuilds(16, 8, [2, 2, 2, 2], () => 0.25);
  await compareBuilds(16, 8, [3, 3], (i) => i % 2 ? 2 ** -24 : -(2 ** -24));
});

Deno.test("all builds widen every finite half exactly", async () => {
  const halves = Uint16Array.from({ length: 65536 }, (_, i) => i).filter((half) => (half & 0x7c00) !== 0x7c00);
  const rows = new Float16Array(halves.buffer);
  const query = { data: Float32Array.of(1), rows: 1, dim: 1 };
  for (const choice of await builds()) {
    const kernel = createKernel(choice, 1, rows.byteLength);
    kernel.setQuery(query);
    const scores = score(kernel, rows, Array(rows.length).fill(1));
    ok(scores.every((value, i) => value === rows[i]), choice.name);
    kernel.close();
  }
});

Deno.test("a passage without rows scores −∞, in every build", async () => {
  await compareBuilds(8, 3, [0, 2, 0], randomValues(1));
});

Deno.test("a second query replaces the first, also when it is shorter", async () => {
  for (const choice of await builds()) {
    const kernel = createKernel(choice, 4, 64);
    const rows = new Float16Array([1, 0, 0, 0]);
    const ones = (n: number) => ({ data: new Float32Array(4 * n).fill(1), rows: n, dim: 4 });
    kernel.setQuery(ones(20));
    deepStrictEqual([...score(kernel, rows, [1])], [20], choice.name);
    kernel.setQuery(ones(2));
    deepStrictEqual([...score(kernel, rows, [1])], [2], choice.name);
    throws(() => (kernel.setQuery(ones(MAX_QUERY_ROWS + 1)), choice.name === "reference" && throwRange()), RangeError);
    kernel.close();
  }
});

/** The reference holds a query of any length. */
function throwRange(): never {
  throw new RangeError();
}

Deno.test("the native build is kept, and compiled again only for another source or compiler", async () => {
  using store = temporaryFolder();
  const first = await chooseKernel("auto", store.path);
  if (first.choice.name !== "native") return; // no compiler here
  const { mtime } = Deno.statSync(first.choice.library);
  const second = await chooseKernel("auto", store.path);
  deepStrictEqual(second.choice, first.choice);
  deepStrictEqual(Deno.statSync(first.choice.library).mtime, mtime);
});

Deno.test("maxsim.wasm is what its source compiles to", async () => {
  const checkedIn = Deno.readFileSync(new URL("../../kernels/wasm/maxsim.wasm", import.meta.url));
  deepStrictEqual(new Uint8Array(await buildMaxsim()), checkedIn);
});

Deno.test("topK() equals sorting everything, ties by number", () => {
  const scores = fc.array(fc.constantFrom(-Infinity, -1, 0, 0.5, 0.5, 1, 2), { maxLength: 60 });
  fc.assert(fc.property(scores, fc.nat(70), fc.boolean(), (values, k, reversed) => {
    const numbers = Int32Array.from(values, (_, i) => reversed ? 1000 - i : i);
    const expected = values.map((value, i) => ({ value, number: numbers[i] })).filter(({ value }) =>
      value !== -Infinity
    )
      .sort((a, b) => b.value - a.value || a.number - b.number).slice(0, k);
    const best = topK(Float32Array.from(values), k, reversed ? numbers : undefined);
    deepStrictEqual([...best.numbers], expected.map(({ number }) => number));
    deepStrictEqual([...best.scores], expected.map(({ value }) => value));
  }));
  strictEqual(topK(new Float32Array(0), 5).numbers.length, 0);
});
