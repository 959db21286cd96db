import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { macsOf, measureForwardMacs } from "../../encoders/flops/forward_macs.ts";
import { loadEncoder } from "../../encoders/load.ts";
import type { EncodingLayout } from "../../encoders/passage_encoder.ts";
import { fromFileUrl } from "../../support/paths.ts";
import { expectError } from "../fixtures/expect.ts";
import { TEST_STORE } from "../fixtures/store.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const BUILT_IN = fromFileUrl(new URL("../../encoders/models/builtin/", import.meta.url));
const OPTIONS = { threads: 2, store: TEST_STORE, quiet: true };

/** A copy of the built-in encoder with changed settings; the model itself is linked. */
function changedEncoder(change: Record<string, unknown>) {
  const folder = temporaryFolder();
  for (const name of ["model.onnx", "tokenizer.json"]) Deno.symlinkSync(join(BUILT_IN, name), join(folder.path, name));
  const config = JSON.parse(Deno.readTextFileSync(join(BUILT_IN, "encoder.json")));
  folder.file("encoder.json", JSON.stringify({ ...config, ...change }));
  return folder;
}

Deno.test("the built-in encoder is small, and gives unit rows that tell meanings apart", async () => {
  await using encoder = await loadEncoder("builtin", OPTIONS);
  ok(encoder.modelBytes <= 25e6);
  const { matrix, macs } = await encoder.encodeQuery("why is the sky blue");
  deepStrictEqual([matrix.rows, matrix.dim], [8, 128]); // [CLS] [Q] five words [SEP]
  for (let r = 0; r < matrix.rows; r++) {
    ok(Math.abs(Math.hypot(...matrix.data.subarray(r * 128, (r + 1) * 128)) - 1) < 1e-5);
  }
  ok(macs!.float > 0 && macs!.integer > macs!.float); // the projection and attention are in float
  const { rows, lengths } = await encoder.encodePassages([
    "Air scatters short wavelengths of sunlight most.",
    "The bakery sells rolls on Sundays.",
  ]);
  const score = (from: number, length: number) => {
    let sum = 0;
    for (let q = 0; q < matrix.rows; q++) {
      const dots = Array.from({ length }, (_, t) => {
        let dot = 0;
        for (let d = 0; d < 128; d++) dot += matrix.data[q * 128 + d] * rows[(from + t) * 128 + d];
        return dot;
      });
      sum += Math.max(...dots);
    }
    return sum;
  };
  ok(score(0, lengths[0]) > score(lengths[0], lengths[1]) + 0.5);
});

Deno.test("passages come back in their order, the same whatever the number of threads", async () => {
  const texts = Array.from({ length: 100 }, (_, i) => `Passage ${i}. ${"word ".repeat((i * 7) % 23)}`);
  await using one = await loadEncoder("builtin", { ...OPTIONS, threads: 1 });
  await using three = await loadEncoder("builtin", { ...OPTIONS, threads: 3 });
  const [a, b] = await Promise.all([one.encodePassages(texts), three.encodePassages(texts)]);
  deepStrictEqual(a.lengths, b.lengths);
  deepStrictEqual(new Uint8Array(a.rows.buffer), new Uint8Array(b.rows.buffer));
  strictEqual(a.lengths[0], 5); // [CLS] [D] passage 0 [SEP]: the full stop is dropped
});

Deno.test("an encoder's hash changes with its settings", async () => {
  using folder = changedEncoder({ doc_maxlen: 100 });
  await using changed = await loadEncoder(folder.path, OPTIONS);
  await using original = await loadEncoder("builtin", OPTIONS);
  ok(changed.hash !== original.hash);
});

Deno.test("query augmentation gives 32 scored rows", async () => {
  using folder = changedEncoder({ query_maxlen: 32, mask_augmentation: true });
  await using encoder = await loadEncoder(folder.path, OPTIONS);
  strictEqual((await encoder.encodeQuery("why")).matrix.rows, 32);
});

Deno.test("the probe finds a missing projection and a wrong size", async () => {
  using folder = changedEncoder({ dim: 96 });
  await expectError(() => loadEncoder(folder.path, OPTIONS), 2, "model.onnx", "128 columns", "96 columns");
  using hidden = changedEncoder({ dim: 64, architecture: { layers: 6, hidden: 128, intermediate: 1536 } });
  await expectError(() => loadEncoder(hidden.path, OPTIONS), 2, "projection is not in this file");
});

Deno.test("an unreadable model is one clear line", async () => {
  using folder = changedEncoder({});
  Deno.removeSync(join(folder.path, "model.onnx"));
  folder.file("model.onnx", "not a model");
  await expectError(() => loadEncoder(folder.path, OPTIONS), 2, "model.onnx", "an ONNX model");
  await expectError(() => loadEncoder("/no/such/folder", OPTIONS), 2, "/no/such/folder");
});

Deno.test("every optimisation of encoding can be turned off, and then is off", async () => {
  const texts = Array.from(
    { length: 24 },
    (_, i) => `passage ${i} ` + "of words that follow one another ".repeat(i % 5),
  );
  const run = async (layout: Partial<EncodingLayout>) => {
    const whole = { workers: 2, threadsEach: 1, batchSize: 4, ...layout };
    await using encoder = await loadEncoder("builtin", { threads: 2, store: TEST_STORE, quiet: true, layout: whole });
    const { macs, rows, lengths } = await encoder.encodePassages(texts);
    return { work: macs!.float + macs!.integer, rows, lengths: [...lengths], config: encoder.config };
  };
  const best = await run({});
  const given = await run({ order: "given" });
  const longest = await run({ padding: "maximum" });
  const alone = await run({ tokenising: "alone" });
  ok(best.work < given.work && given.work < longest.work, `${best.work} ${given.work} ${longest.work}`);
  const file = fromFileUrl(new URL("../../encoders/models/builtin/model.onnx", import.meta.url));
  const costs = (await measureForwardMacs(file, { batch: null, length: null }, 0))!;
  const { float, integer } = macsOf(costs, texts.length, best.config.doc_maxlen);
  strictEqual(longest.work, float + integer, "every passage as long as the longest may be");
  deepStrictEqual(alone.rows, best.rows);
  for (const other of [given, longest]) deepStrictEqual(other.lengths, best.lengths);
});
