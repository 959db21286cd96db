import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import type { BackendContext, BuildSource } from "../../../backends/backend.ts";
import { defaultPartitions, defaultSubquantisers } from "../../../backends/faiss_ivfpq/training_sample.ts";
import { faissIvfpq } from "../../../backends/faiss_ivfpq/faiss_ivfpq.ts";
import { parseSpec } from "../../../backends/spec.ts";
import { openVectorScorer } from "../../../backends/vectors/scorer.ts";
import { expectError } from "../../fixtures/expect.ts";
import { fakeDataset } from "../../fixtures/fake_dataset.ts";
import { clusteredQuery, writeRandomEmbeddings } from "../../fixtures/random_embeddings.ts";
import { TEST_STORE } from "../../fixtures/store.ts";
import { realFaiss } from "../../fixtures/real_faiss.ts";
import { temporaryFolder } from "../../fixtures/temporary.ts";

const CONTEXT: BackendContext = {
  threads: 2,
  kernel: { name: "wasm" },
  store: TEST_STORE,
  quiet: true,
  open: () => Promise.reject(new Error("not needed")),
};

/** What the built-in engine built is searched by it, what FAISS built by both. */
const RUNS: [slices: 1 | 2 | 5, engine: string][] = [[1, "builtin"], [2, "builtin"], [5, "builtin"]];
if (realFaiss()) RUNS.push([1, "faiss"], [5, "faiss"]);

Deno.test("slices of an index find what one file finds, with numbers that go on from file to file", async () => {
  using folder = temporaryFolder();
  const embeddings = writeRandomEmbeddings(join(folder.path, "vectors"), { passages: 700, dim: 16, shards: 5 });
  const source: BuildSource = {
    dataset: fakeDataset(),
    embeddings: () => Promise.resolve(embeddings),
    index: () => Promise.reject(new Error("not needed")),
  };
  const queries = [4, 9].map((rows, seed) => ({ id: "q", text: "", matrix: clusteredQuery(rows, 16, 40, seed) }));
  await using scorer = await openVectorScorer(embeddings, { ...CONTEXT, memory: "auto" });
  for (const [slices, engine] of RUNS) {
    const spec = parseSpec(
      `faiss-ivfpq:engine=${engine},m=4,partitions=8,nprobe=8,faiss_depth=100000,depth=0,slices=${slices}`,
      [
        faissIvfpq,
      ],
    );
    const index = join(folder.path, `${engine}-${slices}`);
    Deno.mkdirSync(index);
    await faissIvfpq.build(source, index, spec.options as never, CONTEXT);
    const names = [...Deno.readDirSync(index)].map(({ name }) => name).filter((name) => name.endsWith(".faiss")).sort();
    const expected = {
      1: ["ivfpq.8.faiss"],
      2: ["ivfpq.8.0-3.faiss", "ivfpq.8.3-5.faiss"],
      5: [0, 1, 2, 3, 4].map((part) => `ivfpq.8.${part}-${part + 1}.faiss`),
    }[slices];
    deepStrictEqual(names, expected);
    await using opened = await faissIvfpq.open(index, spec.options as never, CONTEXT);
    for (const query of queries) {
      const exact = await scorer.search(query.matrix, 700);
      const found = await opened.search(query, 700);
      deepStrictEqual(found.ids, Array.from(exact.numbers, (number) => embeddings.ids[number]));
      deepStrictEqual([...found.scores], [...exact.scores]);
      const traced = await opened.trace!(query, 3, ["p0", "p5", "nobody", found.ids[0]]);
      strictEqual(traced.length, 3);
      deepStrictEqual(traced[1], {
        id: "p5",
        rank: null,
        stages: [{ name: "faiss", kept: false, score: null, cut: null }],
      });
      strictEqual(traced[2].rank, 1);
    }
    const narrow = parseSpec("faiss-ivfpq:engine=builtin,m=4,partitions=8,nprobe=1,faiss_depth=20,depth=7", [
      faissIvfpq,
    ]);
    await using few = await faissIvfpq.open(index, narrow.options as never, CONTEXT);
    const { ids, stages } = await few.search(queries[0], 700);
    ok(ids.length === 7 && stages[0].candidates < 700, `${ids.length} of ${stages[0].candidates}`);
    const file = join(index, names[0]);
    Deno.writeFileSync(file, Deno.readFileSync(file).subarray(1));
    await expectError(() => faissIvfpq.open(index, spec.options as never, CONTEXT), 2, names[0], "bytes");
  }
});

Deno.test("partitions by v1's rule, and sub-quantisers that divide the dimensions", async () => {
  strictEqual(defaultPartitions(600_000_000), 262_144);
  strictEqual(defaultPartitions(2_328_195), 16_384);
  deepStrictEqual([128, 96, 48, 32, 24].map(defaultSubquantisers), [16, 16, 16, 16, 12]);
  using folder = temporaryFolder();
  const embeddings = writeRandomEmbeddings(join(folder.path, "vectors"), { passages: 30, dim: 16, shards: 1 });
  const source = {
    dataset: fakeDataset(),
    embeddings: () => Promise.resolve(embeddings),
    index: () => Promise.resolve(""),
  };
  const spec = parseSpec("faiss-ivfpq:m=5", [faissIvfpq]);
  await expectError(
    () => faissIvfpq.build(source, join(folder.path, "i"), spec.options as never, CONTEXT),
    2,
    "m=5",
    "16 dimensions",
  );
});
