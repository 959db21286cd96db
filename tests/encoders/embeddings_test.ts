import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { encodeCollection } from "../../encoders/embeddings/encode_collection.ts";
import { readEmbeddings } from "../../encoders/embeddings/read.ts";
import { openVectorScorer } from "../../backends/vectors/scorer.ts";
import { expectError } from "../fixtures/expect.ts";
import { fakeDataset } from "../fixtures/fake_dataset.ts";
import { fakeEncoder, fakeMatrix } from "../fixtures/fake_encoder.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const PASSAGES = Array.from({ length: 2500 }, (_, i) => ({ id: `p${i}`, text: `word${i} word${i % 7}` }));
const QUIET = { quiet: true };

Deno.test("embeddings are written in shards and read back whole", async () => {
  using folder = temporaryFolder();
  const header = await encodeCollection(fakeDataset(PASSAGES), fakeEncoder(), folder.path, QUIET);
  deepStrictEqual([header.passages, header.tokens, header.shards, header.macs], [2500, 5000, 3, {
    float: 11 * 2500,
    integer: 5 * 2500,
  }]);
  const { ids, lengths, shards } = readEmbeddings(folder.path);
  deepStrictEqual(ids, PASSAGES.map(({ id }) => id));
  strictEqual(lengths.length, 2500);
  deepStrictEqual(shards.map(({ first, passages }) => [first, passages]), [[0, 1024], [1024, 1024], [2048, 452]]);
  const rows = new Float16Array(Deno.readFileSync(shards[1].file).buffer);
  deepStrictEqual([...rows.subarray(0, 32)], [...fakeMatrix(PASSAGES[1024].text).data]);
});

Deno.test("an interrupted encoding resumes with the shard that was not done, and ends byte-identical", async () => {
  using whole = temporaryFolder();
  using resumed = temporaryFolder();
  await encodeCollection(fakeDataset(PASSAGES), fakeEncoder(), whole.path, QUIET);
  const encoder = fakeEncoder();
  let left = 2;
  const dying = {
    ...encoder,
    encodePassages: (texts: readonly string[]) =>
      left-- > 0 ? encoder.encodePassages(texts) : Promise.reject(new Error("killed")),
  };
  await rejects(encodeCollection(fakeDataset(PASSAGES), dying, resumed.path, QUIET), /killed/);
  await expectError(() => readEmbeddings(resumed.path), 2, "embeddings.json");
  const second = fakeEncoder();
  await encodeCollection(fakeDataset(PASSAGES), second, resumed.path, QUIET);
  strictEqual(second.encoded, 452);
  for (const { name } of Deno.readDirSync(whole.path)) {
    if (name === "embeddings.json") continue; // holds the time that it took
    deepStrictEqual(Deno.readFileSync(join(resumed.path, name)), Deno.readFileSync(join(whole.path, name)), name);
  }
  const third = fakeEncoder();
  await encodeCollection(fakeDataset(PASSAGES), third, resumed.path, QUIET);
  strictEqual(third.encoded, 0);
});

Deno.test("truncated and changed rows are found", async () => {
  using folder = temporaryFolder();
  await encodeCollection(fakeDataset(PASSAGES), fakeEncoder(), folder.path, QUIET);
  const embeddings = readEmbeddings(folder.path);
  const { file } = embeddings.shards[1];
  const bytes = Deno.readFileSync(file);
  bytes[77] ^= 1;
  Deno.writeFileSync(file, bytes);
  const options = { kernel: { name: "wasm" }, threads: 2, memory: "resident" } as const;
  await expectError(() => openVectorScorer(embeddings, options), 2, file, "checksum");
  Deno.truncateSync(file, 100);
  await expectError(() => readEmbeddings(folder.path), 2, file, "100 bytes");
  Deno.removeSync(file);
  await expectError(() => readEmbeddings(folder.path), 2, file, "no such file");
});

Deno.test("a passage id that occurs twice and an empty collection are errors before anything is encoded", async () => {
  using folder = temporaryFolder();
  const encoder = fakeEncoder();
  const twice = fakeDataset([{ id: "a", text: "x" }, { id: "b", text: "y" }, { id: "a", text: "z" }]);
  await expectError(() => encodeCollection(twice, encoder, folder.path, QUIET), 2, '"a" twice');
  await expectError(() => encodeCollection(fakeDataset([]), encoder, folder.path, QUIET), 2, "without passages");
  strictEqual(encoder.encoded, 0);
});
