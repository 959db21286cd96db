import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { builtinEngine } from "../../../backends/faiss_ivfpq/builtin/builtin.ts";
import { importV1Index } from "../../../backends/faiss_ivfpq/v1/import_folder.ts";
import { findFaissFiles, indexFaiss } from "../../../backends/faiss_ivfpq/v1/index_faiss.ts";
import { IDS_FILE, METADATA_FILE, passageRange, readV1Index } from "../../../backends/faiss_ivfpq/v1/index_folder.ts";
import { passagesPerPart, writeV1Index } from "../../../backends/faiss_ivfpq/v1/write_folder.ts";
import { readSlices } from "../../../backends/faiss_ivfpq/slices.ts";
import type { Embeddings } from "../../../encoders/embeddings/read.ts";
import { readTensorFile } from "../../../support/torch/tensor_file.ts";
import { writeHalfTensor } from "../../../support/torch/tensor_write.ts";
import { expectError } from "../../fixtures/expect.ts";
import { fakeEncoder } from "../../fixtures/fake_encoder.ts";
import { clusteredRows, writeRandomEmbeddings } from "../../fixtures/random_embeddings.ts";
import { temporaryFolder } from "../../fixtures/temporary.ts";

const DIM = 16;
const CONTEXT = { kernel: { name: "wasm" }, threads: 2, quiet: true } as const;

/** A folder as v1 itself leaves it: parts of some passages each, without latebench's own files. */
function writeParts(folder: string, parts: readonly (readonly number[])[]): void {
  Deno.mkdirSync(folder, { recursive: true });
  parts.forEach((doclens, i) => {
    const rows = doclens.reduce((sum, length) => sum + length, 0);
    const content = new Uint8Array(Float16Array.from(clusteredRows(rows, DIM, 10, 5 + i)).buffer);
    writeHalfTensor(join(folder, `${i}.pt`), [rows, DIM], [content]);
    writeHalfTensor(join(folder, `${i}.sample`), [rows, DIM], [content]);
    Deno.writeTextFileSync(join(folder, `doclens.${i}.json`), JSON.stringify(doclens));
  });
}

const encoder = () => {
  const { config, hash } = fakeEncoder();
  return { config: { ...config, dim: DIM }, hash };
};

function rowsOf({ shards }: Embeddings): number[] {
  return shards.flatMap(({ file }) => [...new Float16Array(Deno.readFileSync(file).buffer)]);
}

Deno.test("a folder of v1 is read, and its rows are embeddings", async () => {
  using folder = temporaryFolder();
  const where = join(folder.path, "v1");
  writeParts(where, [[3, 0, 2], [4], [1, 1500]]);
  const index = await readV1Index(where);
  deepStrictEqual([index.dim, index.ids, index.encoderHash], [DIM, ["0", "1", "2", "3", "4", "5"], undefined]);
  deepStrictEqual([passageRange(index, 0, 3), passageRange(index, 1, 2)], [[0, 6], [3, 4]]);
  const options = { store: join(folder.path, "store"), quiet: true };
  const embeddings = await importV1Index(index, encoder(), options);
  deepStrictEqual([...embeddings.lengths], [3, 0, 2, 4, 1, 1500]);
  deepStrictEqual(embeddings.shards.map(({ first }) => first), [0, 3, 4]);
  const expected = [0, 1, 2].flatMap((i) => [...Float16Array.from(clusteredRows([5, 4, 1501][i], DIM, 10, 5 + i))]);
  deepStrictEqual(rowsOf(embeddings), expected);
  strictEqual((await importV1Index(index, encoder(), options)).folder, embeddings.folder, "copied once");
  const other = { ...encoder(), config: { ...encoder().config, dim: 8 } };
  await expectError(() => importV1Index(index, other, options), 2, "16 dimensions", "8");
});

Deno.test("what latebench writes for v1 it reads again", async () => {
  using folder = temporaryFolder();
  const embeddings = writeRandomEmbeddings(join(folder.path, "vectors"), { passages: 21_000, dim: DIM, shards: 21 });
  const where = join(folder.path, "v1");
  await writeV1Index(embeddings, where, { chunksize: 0.001, seed: 1, quiet: true });
  const index = await readV1Index(where);
  deepStrictEqual(index.parts.map(({ doclens }) => doclens.length), [10_000, 10_000, 1000]);
  deepStrictEqual(index.ids.slice(0, 2), ["p0", "p1"]);
  const sample = await readTensorFile(join(where, "0.sample"));
  strictEqual(sample.shape[0], Math.floor(index.parts[0].rows.shape[0] / 20));
  strictEqual(JSON.parse(Deno.readTextFileSync(join(where, METADATA_FILE))).dim, DIM);
  const again = await importV1Index(index, encoder(), { store: join(folder.path, "store"), quiet: true });
  deepStrictEqual([again.ids, again.lengths], [embeddings.ids, embeddings.lengths]);
  deepStrictEqual(rowsOf(again).slice(0, 5000), rowsOf(embeddings).slice(0, 5000));
  const stranger = { ...encoder(), hash: "stranger" };
  await expectError(
    () => importV1Index(index, stranger, { store: join(folder.path, "store"), quiet: true }),
    2,
    "stranger",
  );
  strictEqual(passagesPerPart(6, 180, 128), 139_810, "v1's rule");
});

Deno.test("FAISS files of a folder: names, slices, samples", async () => {
  using folder = temporaryFolder();
  const where = join(folder.path, "v1");
  writeParts(where, [[200, 300], [400], [10, 600]]);
  const index = await readV1Index(where);
  const embeddings = await importV1Index(index, encoder(), { store: join(folder.path, "store"), quiet: true });
  await expectError(() => findFaissFiles(index, {}), 2, "no ivfpq file");
  const build = (partitions: number, sample: number | null, slices: number) => {
    return indexFaiss(index, embeddings, builtinEngine, { partitions, sample, slices, seed: 1 }, CONTEXT);
  };
  const names = (paths: readonly string[]) => paths.map((path) => path.slice(where.length + 1));
  deepStrictEqual(names(await build(8, null, 2)), ["ivfpq.8.0-2.faiss", "ivfpq.8.2-3.faiss"]);
  const files = findFaissFiles(index, {});
  deepStrictEqual(names(files), ["ivfpq.8.0-2.faiss", "ivfpq.8.2-3.faiss"]);
  const set = readSlices(files, embeddings.lengths, CONTEXT.kernel);
  deepStrictEqual(set.slices.map(({ index: { total }, firstVector }) => [total, firstVector]), [[900, 0], [610, 900]]);
  await expectError(() => build(8, null, 2), 1, "ivfpq.8.0-2.faiss", "there");
  deepStrictEqual(names(await build(4, 0.5, 1)), ["ivfpq.4.faiss"]);
  await expectError(() => findFaissFiles(index, {}), 2, "4, 8 partitions", "--partitions");
  deepStrictEqual(names(findFaissFiles(index, { partitions: 4 })), ["ivfpq.4.faiss"]);
  deepStrictEqual(names(findFaissFiles(index, { name: "ivfpq.8.2-3.faiss" })), ["ivfpq.8.2-3.faiss"]);
  await expectError(() => findFaissFiles(index, { partitions: 16 }), 2, "4, 8", "ivfpq.16.faiss");
  await expectError(() => build(2048, null, 1), 2, "rows in its samples", "2048");
});

Deno.test("folders that are not whole are refused in one line", async () => {
  using folder = temporaryFolder();
  const where = join(folder.path, "v1");
  await expectError(() => readV1Index(where), 2, "no such file");
  Deno.mkdirSync(where);
  await expectError(() => readV1Index(where), 2, "no 0.pt");
  writeParts(where, [[2], [3]]);
  Deno.writeTextFileSync(join(where, "doclens.1.json"), "[4]");
  await expectError(() => readV1Index(where), 2, "1.pt", "3 rows", "4");
  Deno.writeTextFileSync(join(where, "doclens.1.json"), "[3]");
  Deno.writeTextFileSync(join(where, IDS_FILE), "a\n");
  await expectError(() => readV1Index(where), 2, "1 ids", "2");
  Deno.removeSync(join(where, IDS_FILE));
  Deno.renameSync(join(where, "0.pt"), join(where, "2.pt"));
  await expectError(() => readV1Index(where), 2, "no 0.pt, but 1.pt");
});
