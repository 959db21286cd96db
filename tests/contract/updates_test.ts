import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import type { BackendContext, BackendQuery, BuildSource, Index } from "../../backends/backend.ts";
import { BACKENDS } from "../../backends/registry.ts";
import { parseSpec } from "../../backends/spec.ts";
import { linkFolder } from "../../backends/vectors/link.ts";
import type { Passage } from "../../datasets/dataset.ts";
import { encodeCollection } from "../../encoders/embeddings/encode_collection.ts";
import { readEmbeddings } from "../../encoders/embeddings/read.ts";
import type { KernelChoice } from "../../kernels/kernel.ts";
import { expectError } from "../fixtures/expect.ts";
import { fakeDataset } from "../fixtures/fake_dataset.ts";
import { fakeEncoder, fakeMatrix } from "../fixtures/fake_encoder.ts";
import { loneContext, noOtherIndex } from "../fixtures/lone_context.ts";
import { copyCodebook } from "../fixtures/plaid_codebook.ts";
import { TEST_STORE } from "../fixtures/store.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";
import { builds } from "../kernels/builds.ts";

/** Every backend that can be updated, in settings in which an index's parts do not matter to rankings. */
const SPECS = [
  "exhaustive",
  "exhaustive:guide=none,memory=stream",
  "faiss-ivfpq:engine=builtin,m=4,nprobe=10000,faiss_depth=100000,depth=0",
  "plaid:ncells=2,ndocs=12",
  "plaid:nbits=4,variant=vanilla,ncells=1,ndocs=10",
  "plaid:nbits=1,variant=next-plaid,ncells=2,ndocs=40",
  "plaid:nbits=8,variant=fast-plaid,ncells=2,ndocs=40",
  "plaid:variant=warp,ncells=2",
  "plaid:pq=4,variant=emvb,ncells=2,ndocs=40",
  "plaid:step=3,ncells=2,ndocs=40",
];

const QUERIES = ["alpha common", "omega theta rare", "beta", "gamma delta alpha sigma common", "new words"].map(query);

const FIRST = [...fakeDataset().passages()];
/** One word is new to the index, one passage has no words at all, and texts occur again. */
const MORE: readonly Passage[] = Array.from({ length: 40 }, (_, i) => ({
  id: `new line\n${i}`,
  text: i === 7 ? "…" : `${["alpha", "new", "omega", "words"][i % 4]} common ${i % 3 === 0 ? "beta" : ""}`,
  metadata: { tens: Math.floor(i / 10) },
}));

/** An index in a folder, and the passages that it should hold. */
interface Living {
  readonly folder: string;
  readonly context: BackendContext;
  readonly passages: readonly Passage[];
  change(added: readonly Passage[], removed: readonly string[]): Promise<Living>;
  compact(): Promise<Living>;
  open(): Promise<Index>;
  /** The index that would be built of these passages, with the quantisers that are there. */
  fresh(): Promise<Index>;
}

for (const spec of SPECS) {
  for (const name of ["reference", "wasm", "native"] as const) {
    if (name === "reference" && spec !== SPECS[3]) continue; // slow
    Deno.test(`${spec}, ${name}: after any changes finds what a new index finds`, async () => {
      const kernel = (await builds()).find((build) => build.name === name);
      if (!kernel) return;
      using temporary = temporaryFolder();
      const equal = async (living: Living) => {
        await using index = await living.open();
        await using fresh = await living.fresh();
        strictEqual(index.passages, living.passages.length);
        for (const q of QUERIES) {
          deepStrictEqual(ranking(await index.search(q, 9)), ranking(await fresh.search(q, 9)), q.id);
          deepStrictEqual(ranking(await index.search(q, 200)), ranking(await fresh.search(q, 200)), q.id);
          const some = living.passages.filter((_, i) => i % 3 === 0).map(({ id }) => id);
          deepStrictEqual(ranking(await index.rerank(q, some)), ranking(await fresh.rerank(q, some)), q.id);
        }
      };
      let living = await build(spec, temporary.path, kernel, FIRST);
      living = await living.change(MORE.slice(0, 9), []);
      await equal(living);
      living = await living.change([], ["p0", MORE[3].id, "p37"]);
      await equal(living);
      living = await living.change([MORE[3], ...MORE.slice(9, 10)], ["p74", MORE[5].id]);
      living = await living.change([{ id: "p10", text: "omega new" }], ["p10"]); // replaced
      living = await living.change(MORE.slice(10), []);
      await equal(living);
      living = await living.compact();
      await equal(living);
      living = await living.change([], living.passages.slice(1).map(({ id }) => id));
      await equal(living);
      living = await living.change([], [living.passages[0].id]);
      {
        await using index = await living.open();
        strictEqual(index.passages, 0);
        for (const q of QUERIES) strictEqual((await index.search(q, 5)).ids.length, 0);
      }
      living = await living.change(MORE, []);
      living = await living.compact();
      await equal(living);
    });
  }
}

for (const spec of [SPECS[0], SPECS[2], SPECS[3]]) {
  Deno.test(`${spec}: refuses ids that are there, and those that are not`, async () => {
    using temporary = temporaryFolder();
    const living = await build(spec, temporary.path, { name: "wasm" }, FIRST);
    await expectError(() => living.change([{ id: "p0", text: "again" }], []), 2, "p0", "an id that the index has");
    await expectError(() => living.change([], ["nobody"]), 2, "nobody", "no such passage");
    const less = await living.change([], ["p0"]);
    await expectError(() => less.change([], ["p0"]), 2, "p0", "no such passage");
    await using index = await less.open();
    await expectError(() => index.rerank(QUERIES[0], ["p0"]), 2, "p0", "no such passage");
    const other = { ...less.context, encoderHash: "another-encoder" };
    const { backend, options } = parseSpec(spec, BACKENDS);
    await expectError(() => backend.open(less.folder, options, other), 2, "another-encoder");
  });
}

Deno.test("filters hold over everything that was added", async () => {
  using temporary = temporaryFolder();
  let living = await build(SPECS[3], temporary.path, { name: "wasm" }, FIRST);
  living = await living.change(MORE.slice(0, 25), []);
  living = await living.change(MORE.slice(25), [MORE[1].id]);
  for (const compacted of [false, true]) {
    if (compacted) living = await living.compact();
    await using index = await living.open();
    const tens = (tens: number) => index.search(QUERIES[0], 100, { where: (metadata) => metadata.tens === tens });
    deepStrictEqual(new Set((await tens(2)).ids), new Set(MORE.slice(20, 30).map(({ id }) => id)));
    strictEqual((await tens(0)).ids.length, 8); // one is gone, and one has no words
    strictEqual((await index.search(QUERIES[0], 100, { ids: [] })).ids.length, 0);
    deepStrictEqual((await index.search(QUERIES[0], 100, { ids: [MORE[4].id] })).ids, [MORE[4].id]);
    await expectError(() => index.search(QUERIES[0], 5, { ids: [MORE[1].id] }), 2, "no such passage");
  }
});

Deno.test("parts are merged as they grow, and hold each passage once", async () => {
  using temporary = temporaryFolder();
  let living = await build(SPECS[3], temporary.path, { name: "wasm" }, FIRST);
  for (const [i, passage] of MORE.entries()) {
    living = await living.change([passage], i % 5 === 4 ? [MORE[i - 2].id] : []);
    const parts = [...Deno.readDirSync(living.folder)].filter(({ isDirectory }) => isDirectory);
    ok(parts.length <= 1 + Math.log2(i + 2), `${parts.length} parts of ${i + 1} passages`);
  }
  await using index = await living.open();
  await using fresh = await living.fresh();
  for (const q of QUERIES) deepStrictEqual(ranking(await index.search(q, 50)), ranking(await fresh.search(q, 50)));
  const headers = [...Deno.readDirSync(living.folder)].filter(({ isDirectory }) => isDirectory).map(({ name }) => {
    return JSON.parse(Deno.readTextFileSync(join(living.folder, name, "segment.json")));
  });
  const added = headers.reduce((sum, header) => sum + header.added.tokens, 0);
  const all = MORE.reduce((sum, { text }) => sum + fakeMatrix(text).rows, 0);
  strictEqual(added, all); // counted once, though passages are copied from part to part
});

async function build(
  spec: string,
  folder: string,
  kernel: KernelChoice,
  passages: readonly Passage[],
): Promise<Living> {
  const encoder = fakeEncoder();
  const { backend, options } = parseSpec(spec, BACKENDS);
  const context = loneContext(kernel, TEST_STORE, 2);
  let made = 0;
  const sourceOf = (some: readonly Passage[]): BuildSource => {
    const dataset = fakeDataset(some);
    return {
      dataset,
      index: noOtherIndex,
      async embeddings() {
        const where = join(folder, `embeddings-${made++}`);
        await encodeCollection(dataset, encoder, where, { quiet: true });
        return readEmbeddings(where);
      },
    };
  };
  const open = (where: string) => backend.open(where, options, context);
  const living = (where: string, passages: readonly Passage[]): Living => ({
    folder: where,
    context,
    passages,
    open: () => open(where),
    async change(added, removed) {
      const next = join(folder, `index-${made++}`);
      linkFolder(where, next);
      const source = added.length > 0 ? sourceOf(added) : null;
      const updated = await backend.update!(next, { added: source, removed }, options, context);
      const gone = new Set(removed);
      const now = [...passages.filter(({ id }) => !gone.has(id)), ...added];
      strictEqual(updated.passages, now.length);
      return living(next, now);
    },
    async compact() {
      const next = join(folder, `index-${made++}`);
      linkFolder(where, next);
      strictEqual((await backend.compact!(next, options, context)).passages, passages.length);
      ok(![...Deno.readDirSync(next)].some(({ name }) => name === "updates.json" || name.startsWith("segment-")));
      return living(next, passages);
    },
    async fresh() {
      const next = join(folder, `fresh-${made++}`);
      Deno.mkdirSync(next);
      if (backend.name === "plaid") copyCodebook(where, next);
      await backend.build(sourceOf(passages), next, options, context);
      return open(next);
    },
  });
  const first = join(folder, "index");
  Deno.mkdirSync(first);
  await backend.build(sourceOf(passages), first, options, context);
  return living(first, passages);
}

function query(text: string): BackendQuery {
  return { id: text, text, matrix: fakeMatrix(text) };
}

function ranking({ ids, scores }: { readonly ids: readonly string[]; readonly scores: Float32Array }) {
  return ids.map((id, i) => [id, scores[i]]);
}
