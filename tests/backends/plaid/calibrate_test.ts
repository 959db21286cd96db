import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import type { BackendContext, BuildSource } from "../../../backends/backend.ts";
import { calibrationFile, makeUpQueries, readCalibration } from "../../../backends/plaid/calibrate.ts";
import { plaid } from "../../../backends/plaid/plaid.ts";
import { parseSpec } from "../../../backends/spec.ts";
import { encodeCollection } from "../../../encoders/embeddings/encode_collection.ts";
import { readEmbeddings } from "../../../encoders/embeddings/read.ts";
import { writeSealedJson } from "../../../support/sealed_json.ts";
import { expectError } from "../../fixtures/expect.ts";
import { fakeDataset } from "../../fixtures/fake_dataset.ts";
import { fakeEncoder, fakeMatrix } from "../../fixtures/fake_encoder.ts";
import { TEST_STORE } from "../../fixtures/store.ts";
import { temporaryFolder } from "../../fixtures/temporary.ts";

const SYLLABLES = ["ka", "lo", "mi", "ru", "se", "ta", "vo", "ne"];
const word = (n: number) => SYLLABLES[n % 8] + SYLLABLES[(n >> 3) % 8] + SYLLABLES[(n >> 6) % 8];
const PASSAGES = Array.from({ length: 800 }, (_, i) => {
  const words = Array.from({ length: 5 + i % 9 }, (_, j) => word((i * 31 + j * j * 17) % 400));
  return { id: `p${i}`, text: words.join(" ") };
});

Deno.test("a calibration finds settings that share what it says of exhaustive search's rankings", async () => {
  using folder = temporaryFolder();
  const encoder = fakeEncoder();
  const dataset = fakeDataset(PASSAGES);
  const source: BuildSource = {
    dataset,
    index: () => Promise.reject(new Error("not needed")),
    async embeddings() {
      await encodeCollection(dataset, encoder, join(folder.path, "vectors"), { quiet: true });
      return readEmbeddings(join(folder.path, "vectors"));
    },
  };
  const context: BackendContext = {
    threads: 2,
    kernel: { name: "wasm" },
    store: TEST_STORE,
    quiet: true,
    encoderHash: encoder.hash,
    encoder: () => Promise.resolve(encoder),
    open: () => Promise.reject(new Error("not needed")),
  };
  const spec = parseSpec("plaid:nbits=8,target_recall=0.85,variant=int8", [plaid]);
  const index = join(folder.path, "index");
  Deno.mkdirSync(index);
  await plaid.build(source, index, spec.options as never, context);
  await plaid.prepare!(source, index, spec.options as never, context);
  const file = calibrationFile(index, { variant: "int8", target_recall: 0.85 });
  const first = Deno.readTextFileSync(file);
  const { entries, queries } = readCalibration(file);
  deepStrictEqual(entries.map(({ k }) => k), [10, 100]);
  deepStrictEqual([queries.choosing, queries.heldout], [96, 96]);
  for (const { reached, overlap, heldout_overlap, heldout_low } of entries) {
    ok(reached && overlap >= 0.85);
    ok(Math.abs(heldout_overlap - overlap) < 0.1 && heldout_low < heldout_overlap);
  }
  const { mtime } = Deno.statSync(file);
  await plaid.prepare!(source, index, spec.options as never, context);
  strictEqual(Deno.statSync(file).mtime?.getTime(), mtime?.getTime(), "it is not made twice");
  Deno.removeSync(file);
  await plaid.prepare!(source, index, spec.options as never, context);
  strictEqual(Deno.readTextFileSync(file), first, "it is the same at every start");

  await using opened = await plaid.open(index, spec.options as never, context);
  deepStrictEqual(opened.settingsFor!(10).ncells, entries[0].ncells);
  deepStrictEqual(opened.settingsFor!(50).ndocs, entries[1].ndocs);
  strictEqual((await opened.search({ id: "q", text: "", matrix: fakeMatrix("kakalo mirulo") }, 10)).ids.length, 10);
  await expectError(
    () => plaid.open(index, parseSpec("plaid:nbits=8,target_recall=0.5", [plaid]).options as never, context),
    2,
    "calibration-plaid-0.5",
  );
});

Deno.test("a calibration that asks for more than a search may have is refused", async () => {
  using folder = temporaryFolder();
  const entry = { k: 10, ncells: 1, ndocs: 40, reached: true, overlap: 1, heldout_overlap: 1, heldout_low: 1 };
  const queries = { choosing: 1, heldout: 1, from: "somewhere" };
  const file = join(folder.path, "calibration.json");
  const read = (...entries: readonly object[]) => {
    writeSealedJson(file, { target_recall: 0.9, variant: "plaid", queries, entries });
    return readCalibration(file);
  };
  deepStrictEqual(read(entry).entries, [entry]);
  for (const name of ["k", "ncells", "ndocs"]) {
    for (const wrong of [0, -1, 10_000_001, Number.MAX_SAFE_INTEGER, 0.5, 1e300]) {
      await expectError(() => read({ ...entry, [name]: wrong }), 2, file, `entries.0.${name}`);
    }
  }
  await expectError(() => read(...Array(1000).fill(entry)), 2, file, "entries");
});

Deno.test("made-up queries are runs of words of the collection, the same for a seed", () => {
  const queries = makeUpQueries(fakeDataset(PASSAGES), 3);
  deepStrictEqual(makeUpQueries(fakeDataset(PASSAGES), 3), queries);
  ok(JSON.stringify(makeUpQueries(fakeDataset(PASSAGES), 4)) !== JSON.stringify(queries));
  strictEqual(queries.length, 192);
  for (const query of queries) {
    ok(PASSAGES.some(({ text }) => text.includes(query)) && query.split(" ").length >= 4, query);
  }
  strictEqual(makeUpQueries(fakeDataset(PASSAGES.slice(0, 5)), 3).length, 5);
});

Deno.test("target_recall excludes ncells and ndocs", async () => {
  await expectError(() => parseSpec("plaid:target_recall=0.9,ncells=4", [plaid]), 1, "one or the other");
  await expectError(() => parseSpec("plaid:nbits=3", [plaid]), 1, "nbits", "1, 2, 4 or 8");
});
