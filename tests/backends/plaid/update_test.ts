import { deepStrictEqual, match, ok, strictEqual, throws } from "node:assert/strict";
import { join } from "node:path";
import { buildPlaidIndex } from "../../../backends/plaid/build/build_index.ts";
import { type BuildSettings, readPlaidHeader, readSegmentHeader } from "../../../backends/plaid/index/format.ts";
import { exportPlaid } from "../../../backends/plaid/foreign/export_index.ts";
import { openPlaidIndex } from "../../../backends/plaid/index/open_index.ts";
import { compactPlaid, updatePlaid } from "../../../backends/plaid/update/update.ts";
import { plaidChecks } from "../../../backends/plaid/verify_index.ts";
import type { Embeddings } from "../../../encoders/embeddings/read.ts";
import { expectError } from "../../fixtures/expect.ts";
import { writeRandomEmbeddings } from "../../fixtures/random_embeddings.ts";
import { temporaryFolder } from "../../fixtures/temporary.ts";

const OPTIONS = { kernel: { name: "wasm" }, threads: 2, quiet: true } as const;
const DIM = 16;

async function build(
  folder: string,
  partitions: number | "auto" = 32,
  passages = 200,
  residuals: Pick<BuildSettings, "nbits" | "pq" | "step"> = { nbits: 2 },
): Promise<string> {
  const embeddings = writeRandomEmbeddings(join(folder, "vectors"), { passages, dim: DIM, shards: 2 });
  const settings = { ...residuals, partitions, kmeans_niters: 3, points_per_centroid: 256, nearby: 1, seed: 1 };
  const index = join(folder, "index");
  Deno.mkdirSync(index);
  await buildPlaidIndex(embeddings, index, settings, OPTIONS);
  return index;
}

let made = 0;

/** Made-up passages with ids of their own. */
function more(folder: string, shape: { passages: number; shards: number; middles?: number }): Embeddings {
  const own = writeRandomEmbeddings(join(folder, `more-${made}`), { dim: DIM, ...shape });
  const batch = made++;
  return { ...own, ids: own.ids.map((id) => `${batch} ${id}`) };
}

const add = (index: string, embeddings: Embeddings, removed: readonly string[] = []) => {
  const passages = () => embeddings.ids.map((id) => ({ id, text: "" }));
  return updatePlaid(index, { embeddings, passages }, removed, OPTIONS);
};

const verify = (index: string) => {
  for (const { run } of plaidChecks(index)) run();
};

Deno.test("additions of any size, over shards and chunks, are whole (ColBERT PR#180: slices were cut at fractions)", async () => {
  using temporary = temporaryFolder();
  const index = await build(temporary.path);
  let expected = 200;
  for (const shape of [[1, 1], [7, 3], [33, 17], [40, 40], [64, 16]]) {
    const embeddings = more(temporary.path, { passages: shape[0], shards: shape[1] });
    expected += shape[0];
    strictEqual((await add(index, embeddings)).passages, expected);
    verify(index);
  }
});

for (const residuals of [{ pq: 4 }, { step: 3 }]) {
  Deno.test(`residuals ${JSON.stringify(residuals)} stay whole through changes, and damage to them is found`, async () => {
    using temporary = temporaryFolder();
    const index = await build(temporary.path, 32, 200, residuals);
    verify(index);
    await add(index, more(temporary.path, { passages: 33, shards: 2 }), ["p3", "p4", "p199"]);
    verify(index);
    await add(index, more(temporary.path, { passages: 5, shards: 1 }), ["p0"]);
    verify(index);
    compactPlaid(index);
    verify(index);
    const path = join(index, "residuals.bin");
    const bytes = Deno.readFileSync(path);
    Deno.writeFileSync(path, bytes.map((byte, i) => i === 40 ? byte ^ 1 : byte));
    throws(() => verify(index), /another checksum|cut off/);
    Deno.writeFileSync(path, bytes.subarray(1));
    throws(() => verify(index));
    throws(() => exportPlaid(index, join(temporary.path, "foreign"), "stanford"), /residuals/);
  });
}

Deno.test("tokens are counted once, and nothing is padded (IndexUpdater counted twice, and took 512 rows more for granted)", async () => {
  using temporary = temporaryFolder();
  const index = await build(temporary.path);
  const { tokens, code_bytes } = readPlaidHeader(index);
  const added = [more(temporary.path, { passages: 30, shards: 1 }), more(temporary.path, { passages: 11, shards: 1 })];
  for (const embeddings of added) await add(index, embeddings);
  const parts = [...Deno.readDirSync(index)].filter(({ isDirectory }) => isDirectory).map(({ name }) =>
    join(index, name)
  );
  const counted = parts.map((part) => readSegmentHeader(part, readPlaidHeader(index)).tokens);
  const total = added.reduce((sum, { header }) => sum + header.tokens, 0);
  strictEqual(counted.reduce((sum, count) => sum + count, 0), total);
  parts.forEach((part, i) => strictEqual(Deno.statSync(join(part, "codes.bin")).size, counted[i] * code_bytes));
  compactPlaid(index);
  strictEqual(readPlaidHeader(index).tokens, tokens + total);
  deepStrictEqual(readPlaidHeader(index).added?.tokens, total);
  verify(index);
});

Deno.test("what is deleted leaves the files at compaction, not only the lists (IndexUpdater's remove)", async () => {
  using temporary = temporaryFolder();
  const index = await build(temporary.path);
  const before = Deno.statSync(join(index, "residuals.bin")).size;
  const gone = Array.from({ length: 100 }, (_, i) => `p${2 * i}`);
  strictEqual((await updatePlaid(index, null, gone, OPTIONS)).passages, 100);
  compactPlaid(index);
  verify(index);
  ok(Deno.statSync(join(index, "residuals.bin")).size < 0.6 * before);
  const { ids } = openPlaidIndex(index, { kernel: OPTIONS.kernel, int8: false });
  deepStrictEqual(ids, Array.from({ length: 100 }, (_, i) => `p${2 * i + 1}`)); // ids stay what they were
});

Deno.test("compaction changes no code, and the norms by less than they are rounded", async () => {
  using temporary = temporaryFolder();
  const index = await build(temporary.path);
  await add(index, more(temporary.path, { passages: 50, shards: 2 }), ["p7"]);
  const { passages, warnings } = compactPlaid(index);
  deepStrictEqual([passages, warnings], [249, []]);
  verify(index); // checksums, codes, lists, norms, ids
  deepStrictEqual(compactPlaid(index), { passages, warnings });
});

Deno.test("drift is told: rows that the centroids do not fit, and an index that has outgrown them", async () => {
  using temporary = temporaryFolder();
  const index = await build(temporary.path, "auto");
  const alike = await add(index, more(temporary.path, { passages: 40, shards: 1 }));
  deepStrictEqual(alike.warnings, []);
  const strange = more(temporary.path, { passages: 60, shards: 1, middles: 4000 });
  const [drifted] = (await add(index, strange)).warnings;
  match(drifted, /the centroids have drifted: residuals of the \d+ rows added since are [1-9]\.\d{3} times as long/);
  const kept = compactPlaid(index).warnings;
  strictEqual(kept.length, 1); // what was added stays known

  using other = temporaryFolder();
  const small = await build(other.path, "auto", 30);
  const { warnings } = await add(small, more(other.path, { passages: 900, shards: 1 }));
  ok(
    warnings.some((warning) => /has outgrown its centroids: it would now get \d+ times as many/.test(warning)),
    warnings.join(),
  );
});

Deno.test("parts that are damaged or missing are found when the index is opened", async () => {
  using temporary = temporaryFolder();
  const index = await build(temporary.path);
  await add(index, more(temporary.path, { passages: 5, shards: 1 }), ["p1"]);
  const opened = () => Promise.resolve(openPlaidIndex(index, { kernel: OPTIONS.kernel, int8: false }));
  await opened();
  for (const name of ["deleted.bin", "updates.json", "segment-000001/codes.bin", "segment-000001/segment.json"]) {
    const path = join(index, name);
    const whole = Deno.readFileSync(path);
    Deno.writeFileSync(path, whole.subarray(0, whole.length - 2));
    await expectError(opened, 2, name);
    Deno.removeSync(path);
    if (name !== "updates.json") await expectError(opened, 2, name);
    Deno.writeFileSync(path, whole);
    await opened();
  }
  const path = join(index, "deleted.bin");
  const bits = Deno.readFileSync(path);
  Deno.writeFileSync(path, bits.map((byte, i) => i === 3 ? byte ^ 4 : byte));
  await expectError(opened, 2, "deleted.bin", "another checksum");
});
