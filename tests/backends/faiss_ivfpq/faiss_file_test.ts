import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { readIvfpq, writeIvfpq } from "../../../backends/faiss_ivfpq/faiss_file.ts";
import { openProber, type ProbeSetup } from "../../../backends/faiss_ivfpq/probe.ts";
import { probe } from "../../../backends/faiss_ivfpq/probe.ts";
import { openSlices } from "../../../backends/faiss_ivfpq/slices.ts";
import { numbersOfBits } from "../../../backends/passage_bits.ts";
import { fromFileUrl } from "../../../support/paths.ts";
import { expectError } from "../../fixtures/expect.ts";
import { temporaryFolder } from "../../fixtures/temporary.ts";
import { builds } from "../../kernels/builds.ts";

const FOLDER = fromFileUrl(new URL("../../fixtures/faiss/", import.meta.url));
const FILE = "ivfpq.8.faiss";

interface Golden {
  readonly dim: number;
  readonly vectors: number;
  readonly queries: readonly (readonly number[])[];
  readonly found: readonly {
    readonly nprobe: number;
    readonly depth: number;
    readonly ids: readonly (readonly number[])[];
  }[];
}
const golden: Golden = JSON.parse(Deno.readTextFileSync(join(FOLDER, "golden.json")));

/** Every vector is a passage of its own, so that candidates are FAISS's ids. */
function openGolden(kernel: Parameters<typeof openSlices>[3], folder = FOLDER): ProbeSetup {
  return openSlices(folder, [FILE], new Int32Array(golden.vectors).fill(1), kernel).setups[0];
}

Deno.test("FAISS's file holds what FAISS was told", () => {
  const index = readIvfpq(FILE, Deno.readFileSync(join(FOLDER, FILE)));
  deepStrictEqual([index.dim, index.total, index.nprobe, index.m, index.ksub], [16, 1500, 3, 4, 256]);
  strictEqual(index.sizes.length, 8);
  strictEqual(index.sizes.reduce((sum, size) => sum + size, 0), 1500);
  strictEqual(index.centroids.length, 8 * 16);
});

Deno.test("the same file gives FAISS's candidates, in every build", async () => {
  for (const kernel of await builds()) {
    const prober = openProber(openGolden(kernel));
    for (const { nprobe, depth, ids } of golden.found) {
      golden.queries.forEach((row, q) => {
        const query = { data: Float32Array.from(row), rows: 1, dim: golden.dim };
        const found = numbersOfBits(probe(prober, query, nprobe, depth).passages);
        const expected = ids[q].filter((id) => id >= 0).sort((a, b) => a - b);
        deepStrictEqual([...found], expected, `${kernel.name}, nprobe ${nprobe}, depth ${depth}, query ${q}`);
      });
    }
    const data = Float32Array.from(golden.queries.flat());
    const all = { data, rows: golden.queries.length, dim: golden.dim };
    const { ids } = golden.found[1];
    const expected = [...new Set(ids.flat().filter((id) => id >= 0))].sort((a, b) => a - b);
    deepStrictEqual([...numbersOfBits(probe(prober, all, 1, 400).passages)], expected, "all rows at once");
  }
});

Deno.test("writing an index gives FAISS's bytes again", () => {
  using folder = temporaryFolder();
  const bytes = Deno.readFileSync(join(FOLDER, FILE));
  const index = readIvfpq(FILE, bytes);
  const names = new Int32Array(index.total);
  const codes = new Uint8Array(index.total * index.m);
  const ids = new DataView(bytes.buffer);
  index.sizes.forEach((size, list) => {
    for (let i = 0; i < size; i++) {
      const id = Number(ids.getBigInt64(index.idStarts[list] + 8 * i, true));
      names[id] = list;
      const from = index.codeStarts[list] + i * index.m;
      codes.set(bytes.subarray(from, from + index.m), id * index.m);
    }
  });
  const copy = join(folder.path, "copy.faiss");
  writeIvfpq(copy, index, { names, codes }, 0);
  deepStrictEqual(Deno.readFileSync(copy), bytes);

  const few = { names: Int32Array.of(5, 5), codes: codes.subarray(0, 2 * index.m) };
  writeIvfpq(copy, index, few, 100);
  const sparse = readIvfpq(copy, Deno.readFileSync(copy));
  deepStrictEqual([...sparse.sizes], [0, 0, 0, 0, 0, 2, 0, 0]);
  const view = new DataView(Deno.readFileSync(copy).buffer);
  strictEqual(view.getBigInt64(sparse.idStarts[5] + 8, true), 101n);
});

Deno.test("files that are cut off, longer, or something else are refused in one line", async () => {
  const bytes = Deno.readFileSync(join(FOLDER, FILE));
  await expectError(() => readIvfpq("x.faiss", new TextEncoder().encode("IxF2 and more")), 2, "x.faiss", '"IwPQ"');
  for (const length of [3, 40, 60, 1000, 20_000, bytes.length - 1]) {
    await expectError(() => readIvfpq("x.faiss", bytes.subarray(0, length)), 2, "x.faiss", `${length} bytes`);
  }
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  await expectError(() => readIvfpq("x.faiss", longer), 2, `${bytes.length + 1} bytes`);
  const metric = bytes.slice();
  metric[33] = 0; // inner product
  await expectError(() => readIvfpq("x.faiss", metric), 2, "L2");
  ok(bytes.length > 20_000);
});
