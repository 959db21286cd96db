import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { readIvfpq, writeIvfpq } from "../../../backends/faiss_ivfpq/faiss_file.ts";
import { builtinEngine } from "../../../backends/faiss_ivfpq/builtin/builtin.ts";
import type { Engine } from "../../../backends/faiss_ivfpq/engine.ts";
import { faissEngine } from "../../../backends/faiss_ivfpq/faiss_node/engine.ts";
import type { FaissTask } from "../../../backends/faiss_ivfpq/faiss_node/worker.ts";
import { readSlices } from "../../../backends/faiss_ivfpq/slices.ts";
import type { KernelChoice } from "../../../kernels/kernel.ts";
import { numbersOfBits } from "../../../backends/passage_bits.ts";
import { fromFileUrl } from "../../../support/paths.ts";
import { openWorkerPool } from "../../../support/worker_pool.ts";
import { expectError } from "../../fixtures/expect.ts";
import { realFaiss } from "../../fixtures/real_faiss.ts";
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

const faiss = realFaiss();

/** Compares an engine's candidates with FAISS's ids. */
async function checkCandidates(engine: Engine, kernel: KernelChoice): Promise<void> {
  const everyVector = new Int32Array(golden.vectors).fill(1); // is a passage of its own
  const set = readSlices([join(FOLDER, FILE)], everyVector, kernel);
  for (const { nprobe, depth, ids } of golden.found) {
    using prober = await engine.open(set, nprobe, { kernel, threads: 2, quiet: true });
    const check = async (rows: number[], expected: number[], which: string) => {
      const query = { data: Float32Array.from(rows), rows: rows.length / golden.dim, dim: golden.dim };
      const { passages, bytes } = await prober.candidates(query, depth);
      const wanted = [...new Set(expected.filter((id) => id >= 0))].sort((a, b) => a - b);
      const told = `${engine.name}, ${kernel.name}, nprobe ${nprobe}, depth ${depth}, ${which}`;
      deepStrictEqual([...numbersOfBits(passages)], wanted, told);
      ok(bytes > 0 && bytes <= query.rows * golden.vectors * 4, told);
    };
    for (const [q, row] of golden.queries.entries()) await check([...row], [...ids[q]], `query ${q}`);
    await check(golden.queries.flat(), ids.flat(), "all rows at once");
  }
}

Deno.test("FAISS's file holds what FAISS was told", () => {
  const index = readIvfpq(FILE, Deno.readFileSync(join(FOLDER, FILE)));
  deepStrictEqual([index.dim, index.total, index.nprobe, index.m, index.ksub], [16, 1500, 3, 4, 256]);
  strictEqual(index.sizes.length, 8);
  strictEqual(index.sizes.reduce((sum, size) => sum + size, 0), 1500);
  strictEqual(index.centroids.length, 8 * 16);
});

Deno.test("the same file gives FAISS's candidates, in every build", async () => {
  for (const kernel of await builds()) await checkCandidates(builtinEngine, kernel);
});

Deno.test({ name: "FAISS here finds what FAISS elsewhere found", ignore: !faiss }, async () => {
  await checkCandidates(faissEngine(faiss!), { name: "wasm" });
});

Deno.test({
  name: "a thread that loads FAISS leaves another's alone",
  ignore: faiss?.origin !== "compiled", // the published build shares its classes
}, async () => {
  const url = new URL("../../../backends/faiss_ivfpq/faiss_node/worker.ts", import.meta.url);
  const pool = await openWorkerPool<FaissTask, Uint32Array | null>(url, 2, { load: faiss!.library, threads: 1 });
  for (const worker of [0, 1]) await pool.runOn(worker, { create: { dim: 16, partitions: 1, m: 4 } });
  pool.close();
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
  writeIvfpq(copy, index, { names, codes });
  deepStrictEqual(Deno.readFileSync(copy), bytes);

  const few = { names: Int32Array.of(5, 5), codes: codes.subarray(0, 2 * index.m) };
  writeIvfpq(copy, index, few);
  const sparse = readIvfpq(copy, Deno.readFileSync(copy));
  deepStrictEqual([...sparse.sizes], [0, 0, 0, 0, 0, 2, 0, 0]);
  const view = new DataView(Deno.readFileSync(copy).buffer);
  strictEqual(view.getBigInt64(sparse.idStarts[5] + 8, true), 1n);
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
