import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { buildPlaidIndex } from "../../../backends/plaid/build/build_index.ts";
import { normRange } from "../../../backends/plaid/build/segment.ts";
import { readPlaidHeader } from "../../../backends/plaid/index/format.ts";
import { listSegments, readLengths } from "../../../backends/plaid/index/segments.ts";
import { plaid } from "../../../backends/plaid/plaid.ts";
import { VARIANTS } from "../../../backends/plaid/search/plan.ts";
import { compactPlaid, updatePlaid } from "../../../backends/plaid/update/update.ts";
import { plaidChecks } from "../../../backends/plaid/verify_index.ts";
import { keepLive } from "../../../backends/living/parts.ts";
import { writeIndexFile } from "../../../backends/index_file.ts";
import { parseSpec } from "../../../backends/spec.ts";
import { writeJson } from "../../../support/atomic_write.ts";
import { clusteredQuery, writeRandomEmbeddings } from "../../fixtures/random_embeddings.ts";
import { temporaryFolder } from "../../fixtures/temporary.ts";

const OPTIONS = { kernel: { name: "wasm" }, threads: 1, quiet: true } as const;
const DIM = 16;
const QUERIES = [1, 2, 3].map((seed) => clusteredQuery(6, DIM, 40, seed));

async function build(folder: string): Promise<string> {
  const vectors = writeRandomEmbeddings(join(folder, "vectors"), { passages: 60, dim: DIM, shards: 1 });
  const index = join(folder, "index");
  Deno.mkdirSync(index);
  const settings = { nbits: 2, partitions: 16, kmeans_niters: 3, points_per_centroid: 256, nearby: 1, seed: 1 };
  await buildPlaidIndex(vectors, index, settings, OPTIONS);
  return index;
}

/** What is stored of the norms of each passage that is there, by id. */
function normsOf(index: string): Map<string, number[]> {
  const all = new Map<string, number[]>();
  for (const segment of listSegments(index, readPlaidHeader(index))) {
    const { least, step } = segment.info.norms;
    const bytes = Deno.readFileSync(join(segment.folder, "norms.bin"));
    let at = 0;
    const own = Array.from(readLengths(segment), (length) => {
      return Array.from(bytes.subarray(at, at += length), (byte) => least + byte * step);
    });
    const ids = keepLive(segment, segment.ids());
    keepLive(segment, own).forEach((norms, i) => all.set(ids[i], norms));
  }
  return all;
}

/** Scores of passages in every variant, for some queries. */
async function scoresOf(index: string, ids: readonly string[]): Promise<number[][]> {
  writeIndexFile(index, { backend: "plaid", version: plaid.version, passages: normsOf(index).size });
  const found: number[][] = [];
  for (const variant of Object.keys(VARIANTS)) {
    const { backend, options } = parseSpec(`plaid:nbits=2,partitions=16,variant=${variant}`, [plaid]);
    const context = { ...OPTIONS, store: join(index, "..", "store"), open: () => Promise.reject() };
    await using open = await backend.open(index, options, context);
    for (const matrix of QUERIES) {
      const result = await open.rerank({ id: "q", text: "", matrix }, ids);
      const places = new Map(result.ids.map((id, i) => [id, result.scores[i]]));
      found.push(ids.map((id) => places.get(id)!));
    }
  }
  return found;
}

const isSound = (index: string) => plaidChecks(index).forEach(({ run }) => run());

Deno.test("norms stay what they were when a passage came, through 50 additions and their merges", async () => {
  using temporary = temporaryFolder();
  const index = await build(temporary.path);
  const expected = normsOf(index);
  const watched = ["p1", "p2", "p40"];
  let scores: number[][] | undefined;
  let merged = 0;
  for (let i = 0; i < 50; i++) {
    const vectors = join(temporary.path, "more");
    const embeddings = writeRandomEmbeddings(vectors, {
      passages: 2 + i % 5,
      dim: DIM,
      shards: 1,
      middles: 10 + 40 * i,
    });
    const ids = embeddings.ids.map((id) => `${i} ${id}`);
    const removed = i % 7 === 3 ? [`${i - 1} p1`] : [];
    const passages = () => ids.map((id) => ({ id, text: "" }));
    const before = [...Deno.readDirSync(index)].filter(({ isDirectory }) => isDirectory).length;
    await updatePlaid(index, { embeddings: { ...embeddings, ids }, passages }, removed, OPTIONS);
    const after = [...Deno.readDirSync(index)].filter(({ isDirectory }) => isDirectory).length;
    merged += before + 1 - after;
    Deno.removeSync(vectors, { recursive: true });
    for (const id of removed) expected.delete(id);
    const now = normsOf(index);
    for (const id of ids) expected.set(id, now.get(id)!);
    deepStrictEqual(now, expected);
    if (i === 0) {
      watched.push(...ids);
      scores = await scoresOf(index, watched);
    }
    if (i % 10 === 9) isSound(index);
  }
  ok(merged > 30, `${merged} merges`);
  deepStrictEqual(await scoresOf(index, watched), scores);
  compactPlaid(index);
  isSound(index);
  deepStrictEqual(normsOf(index), expected);
  deepStrictEqual(await scoresOf(index, watched), scores);
});

Deno.test("norms of segments with a range of their own, as older versions wrote them, are rounded once more and never again", async () => {
  using temporary = temporaryFolder();
  const index = await build(temporary.path);
  const passages = (ids: readonly string[]) => () => ids.map((id) => ({ id, text: "" }));
  const add = async (name: string, count: number) => {
    const embeddings = writeRandomEmbeddings(join(temporary.path, name), { passages: count, dim: DIM, shards: 1 });
    const ids = embeddings.ids.map((id) => `${name} ${id}`);
    await updatePlaid(index, { embeddings: { ...embeddings, ids }, passages: passages(ids) }, [], OPTIONS);
  };
  await add("a", 8);
  const path = join(index, "segment-000001", "segment.json");
  const { seal: _, ...header } = JSON.parse(Deno.readTextFileSync(path));
  const { norms: { least, step } } = header;
  writeJson(path, { ...header, norms: { least: least + 0.3 * step, step: 1.01 * step } });
  await add("b", 20); // merged
  isSound(index);
  const after = normsOf(index);
  await add("c", 40);
  for (const [id, norms] of normsOf(index)) if (after.has(id)) deepStrictEqual(norms, after.get(id));
});

Deno.test("the range of few factors has room for others, also that of one", () => {
  const { least, step } = normRange([Float32Array.of(0.9, 1, 1.1)]);
  ok(least < 0.85 && least + 255 * step > 1.15);
  const alone = normRange([Float32Array.of(1)]);
  ok(alone.least < 0.9 && alone.least + 255 * alone.step > 1.1);
  const many = normRange([Float32Array.from({ length: 5000 }, (_, i) => 1 + i / 5000)]);
  strictEqual(many.least, 1);
  deepStrictEqual(normRange([]), { least: 1, step: 1 });
  deepStrictEqual(normRange([Float32Array.of(0)]), { least: 0, step: 1 });
});
