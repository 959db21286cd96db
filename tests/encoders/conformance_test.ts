/**
 * Other tools' tokenisation and vectors, recorded by `fixtures/conformance/make_golden.py` over a tiny model: colbert-ai (v2) and
 * PyLate by running them, ColBERT v1, Vespa and next-plaid step by step from their sources.
 */
import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { loadEncoder } from "../../encoders/load.ts";
import { readModelFolder } from "../../encoders/model_folder.ts";
import { tokenisePassage, tokeniseQuery } from "../../encoders/tokenise.ts";
import { readJson } from "../../support/json.ts";
import { fromFileUrl } from "../../support/paths.ts";
import { TEST_STORE } from "../fixtures/store.ts";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const FIXTURES = fromFileUrl(new URL("../fixtures/conformance/", import.meta.url));
const OPTIONS = { threads: 1, store: TEST_STORE, quiet: true };

const text = z.strictObject({
  text: z.string(),
  ids: z.array(z.int()),
  attention: z.array(z.int()),
  keep: z.array(z.boolean()),
  vectors: z.array(z.array(z.number())),
});
const golden = z.strictObject({ source: z.string(), queries: z.array(text), passages: z.array(text) });

for (const mode of ["stanford_v1", "stanford_v2", "pylate", "vespa", "next_plaid"]) {
  const folder = join(FIXTURES, mode);
  const { source, queries, passages } = readJson(join(folder, "golden.json"), golden, "golden answers");

  Deno.test(`${mode}: ids and masks equal ${source}`, () => {
    const { config, vocabulary } = readModelFolder(folder);
    for (const { text, ids, attention, keep } of queries) {
      deepStrictEqual(tokeniseQuery(text, config, vocabulary.wordPieces), { ids, attention, keep });
    }
    for (const { text, ids, attention, keep } of passages) {
      deepStrictEqual(tokenisePassage(text, config, vocabulary.wordPieces), { ids, attention, keep });
    }
  });

  Deno.test(`${mode}: vectors equal ${source}`, async () => {
    await using encoder = await loadEncoder(folder, OPTIONS);
    for (const { text, vectors } of queries) {
      const { matrix } = await encoder.encodeQuery(text);
      expectClose(matrix.data, vectors.flat(), 1e-4);
    }
    const { rows, lengths } = await encoder.encodePassages(passages.map(({ text }) => text));
    deepStrictEqual([...lengths], passages.map(({ vectors }) => vectors.length));
    expectClose(rows, passages.flatMap(({ vectors }) => vectors.flat()), 1e-3); // fp16
  });
}

function expectClose(found: ArrayLike<number>, expected: readonly number[], tolerance: number): void {
  strictEqual(found.length, expected.length);
  const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - found[i])), 0);
  ok(worst < tolerance, `values differ by up to ${worst}`);
}

/** An encoder folder whose model is one of the synthetic files; v2 tokenisation. */
function withModel(file: string, change: Record<string, unknown> = {}) {
  const folder = temporaryFolder();
  const config = JSON.parse(Deno.readTextFileSync(join(FIXTURES, "vespa", "encoder.json")));
  folder.file("encoder.json", JSON.stringify({ ...config, drop_skiplist_tokens: false, ...change }));
  Deno.copyFileSync(join(FIXTURES, "vespa", "tokenizer.json"), join(folder.path, "tokenizer.json"));
  Deno.copyFileSync(join(FIXTURES, "conventions", file), join(folder.path, "model.onnx"));
  return folder;
}

const SENTENCES = ["what is late interaction?", "one vector for each token", "a", "more space"];

/** Exports that differ in inputs, output name, fixed shapes and normalisation, and must all give the same vectors. */
for (const file of ["three_inputs", "not_normalised", "fixed_1_32", "fixed_4_32"]) {
  Deno.test(`the probe: ${file} gives the vectors of two_inputs`, async () => {
    using folder = withModel(`${file}.onnx`);
    using plain = withModel("two_inputs.onnx");
    await using encoder = await loadEncoder(folder.path, OPTIONS);
    await using expected = await loadEncoder(plain.path, OPTIONS);
    const [a, b] = [await encoder.encodePassages(SENTENCES), await expected.encodePassages(SENTENCES)];
    deepStrictEqual(a.lengths, b.lengths);
    expectClose(a.rows, [...b.rows], 1e-3);
    const [q, r] = [await encoder.encodeQuery(SENTENCES[0]), await expected.encodeQuery(SENTENCES[0])];
    expectClose(q.matrix.data, [...r.matrix.data], 1e-5);
  });
}

const UNUSABLE: readonly (readonly [string, Record<string, unknown>, ...string[]])[] = [
  ["no_projection.onnx", {}, "16 columns, the hidden size", "projection is not in this file"],
  ["two_inputs.onnx", { dim: 96 }, "8 columns", "96 columns"],
  ["fixed_1_32.onnx", { doc_maxlen: 64 }, "a fixed length of 32", "at least 64"],
  ["mask_is_pad.onnx", {}, "equal rows for [MASK] and padding"],
];

for (const [file, change, ...parts] of UNUSABLE) {
  Deno.test(`the probe refuses ${file} with ${JSON.stringify(change)}`, async () => {
    using folder = withModel(file, change);
    await expectError(() => loadEncoder(folder.path, OPTIONS), 2, "model.onnx", ...parts);
  });
}

Deno.test("a model that tells [MASK] from padding is not asked for where queries are not augmented", async () => {
  using folder = withModel("mask_is_pad.onnx", { mask_augmentation: false });
  await using encoder = await loadEncoder(folder.path, OPTIONS);
  strictEqual((await encoder.encodeQuery("a")).matrix.rows, 4); // [CLS] [Q] a [SEP]
});

Deno.test("shorter dimensions: leading columns with unit length again, and only those the model was made for", async () => {
  using folder = withModel("two_inputs.onnx", { shorter_dims: [4] });
  await using short = await loadEncoder(`${folder.path}:dim=4`, OPTIONS);
  await using whole = await loadEncoder(`${folder.path}:dim=8`, OPTIONS);
  ok(short.hash !== whole.hash);
  const cut = (data: ArrayLike<number>) =>
    Array.from({ length: data.length / 8 }, (_, r) => {
      const row = Array.from({ length: 4 }, (_, d) => data[r * 8 + d]);
      return row.map((value) => value / Math.hypot(...row));
    }).flat();
  const [a, b] = [await short.encodeQuery(SENTENCES[0]), await whole.encodeQuery(SENTENCES[0])];
  strictEqual(a.matrix.dim, 4);
  deepStrictEqual(a.macs, b.macs); // the projection computes all columns
  expectClose(a.matrix.data, cut(b.matrix.data), 1e-5);
  const [c, d] = [await short.encodePassages(SENTENCES), await whole.encodePassages(SENTENCES)];
  expectClose(c.rows, cut(d.rows), 2e-3);
  await expectError(() => loadEncoder(`${folder.path}:dim=6`, OPTIONS), 1, "8, 4 columns", "not for 6");
  await expectError(() => loadEncoder("builtin:dim=few", OPTIONS), 1, "dim is few");
});

Deno.test("pool_factor leaves one in so many vectors of a passage, all of a query, and is part of what was encoded", async () => {
  await using whole = await loadEncoder("builtin", OPTIONS);
  await using pooled = await loadEncoder("builtin:dim=64,pool_factor=3", OPTIONS);
  const texts = ["The quick brown fox jumps over the lazy dog.", "Foxes sleep."];
  const [all, few] = [await whole.encodePassages(texts), await pooled.encodePassages(texts)];
  deepStrictEqual([...few.lengths], [...all.lengths].map((n) => 1 + Math.max(Math.floor((n - 1) / 3), 1)));
  strictEqual(few.rows.length, few.lengths.reduce((sum, n) => sum + n, 0) * 64);
  strictEqual((await pooled.encodeQuery("fox")).matrix.rows, (await whole.encodeQuery("fox")).matrix.rows);
  deepStrictEqual([pooled.config.pool_factor, whole.config.pool_factor], [3, undefined]);
  ok(pooled.hash !== whole.hash);
  deepStrictEqual(pooled.tokens(texts[0], "passage"), []);
  await expectError(() => loadEncoder("builtin:pool_factor=0", OPTIONS), 1, "pool_factor is 0");
  await expectError(() => loadEncoder("builtin:dim=64,pool=2", OPTIONS), 1, "pool=2 is no option", "pool_factor");
  await expectError(() => loadEncoder("builtin:dim=64,dim=32", OPTIONS), 1, "dim is there twice");
});
