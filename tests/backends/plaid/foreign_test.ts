import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { buildPlaidIndex } from "../../../backends/plaid/build/build_index.ts";
import { exportPlaid } from "../../../backends/plaid/foreign/export_index.ts";
import { FOREIGN_FORMATS, type ForeignIndex } from "../../../backends/plaid/foreign/foreign_index.ts";
import { importPlaid } from "../../../backends/plaid/foreign/import_index.ts";
import { checkLists } from "../../../backends/plaid/foreign/lists.ts";
import { openForeign } from "../../../backends/plaid/foreign/open.ts";
import { openPlaidIndex } from "../../../backends/plaid/index/open_index.ts";
import { plaidChecks } from "../../../backends/plaid/verify_index.ts";
import { allPassages } from "../../../backends/plaid/search/filter.ts";
import { planSearch } from "../../../backends/plaid/search/plan.ts";
import { openSearcher } from "../../../backends/plaid/search/searcher.ts";
import { updatePlaid } from "../../../backends/plaid/update/update.ts";
import { linkFolder } from "../../../backends/vectors/link.ts";
import { LatebenchError } from "../../../support/errors.ts";
import { fromFileUrl } from "../../../support/paths.ts";
import { seededRandom } from "../../../support/random.ts";
import { expectError } from "../../fixtures/expect.ts";
import { clusteredQuery, writeRandomEmbeddings } from "../../fixtures/random_embeddings.ts";
import { temporaryFolder } from "../../fixtures/temporary.ts";

/** Small indexes that ColBERT 0.2.22 and fast-plaid 1.7.0 have written, and what they find (`make.py`). */
const FIXTURES = fromFileUrl(new URL("../../fixtures/foreign/", import.meta.url));
const ENGINES = ["stanford", "fast-plaid"] as const;
const ENCODER = { name: "other", hash: "other" };
const KERNEL = { name: "wasm" } as const;
const DIM = 16;

/** Everything of an index that decides about searches, read. */
function contentOf(
  { chunks, lists, centroids, cutoffs, weights, averageResidual, dim, nbits, ids, kept }: ForeignIndex,
) {
  const { cluster_threshold, residual_shape, half_weights } = kept;
  return {
    chunks: chunks.map((chunk) => ({ doclens: chunk.doclens, codes: chunk.codes(), residuals: chunk.residuals() })),
    lists: { passages: Int32Array.from(lists.passages), lengths: Int32Array.from(lists.lengths) },
    ...{ centroids, cutoffs, weights, averageResidual, dim, nbits, ids },
    ...{ cluster_threshold, residual_shape, half_weights },
  };
}

interface Recorded {
  readonly queries: readonly (readonly number[])[];
  /** By query: passage numbers, and their scores. */
  readonly found: readonly (readonly [number[], number[]])[];
}

for (const engine of ENGINES) {
  Deno.test(`${engine}'s own index is searched as ${engine} searches it`, async () => {
    using temporary = temporaryFolder();
    const folder = join(temporary.path, "index");
    importPlaid(await openForeign(join(FIXTURES, engine)), folder, { encoder: ENCODER });
    const { setup } = openPlaidIndex(folder, { kernel: KERNEL, int8: false });
    using searcher = openSearcher(setup, 1);
    const { queries, found }: Recorded = JSON.parse(Deno.readTextFileSync(join(FIXTURES, `${engine}.json`)));
    const variant = engine === "stanford" ? "plaid" : "fast-plaid";
    const options = { variant, ncells: 2, ndocs: engine === "stanford" ? 48 : 64 } as const;
    for (const [q, [numbers, scores]] of found.entries()) {
      const k = numbers.length;
      const plan = planSearch({ ...options, centroid_score_threshold: 0.4 }, k);
      const query = { data: Float32Array.from(queries[q]), rows: queries[q].length / DIM, dim: DIM };
      const own = await searcher.search(query, k, plan, allPassages(setup));
      strictEqual(own.numbers.length, k);
      // ColBERT computes in float32 here, fast-plaid in fp16: its scores, below 8, are steps of 1/256 with errors of some steps.
      const most = engine === "stanford" ? 2e-6 : 1 / 64;
      own.scores.forEach((score, i) => ok(Math.abs(score - scores[i]) <= most * 5, `${score} and ${scores[i]}`));
      const exact = await searcher.score(query, Int32Array.from(numbers), plan);
      const scoreOf = new Map(Array.from(exact.numbers, (number, i) => [number, exact.scores[i]]));
      own.numbers.forEach((number, i) => {
        ok(
          number === numbers[i] || Math.abs(scoreOf.get(numbers[i])! - own.scores[i]) <= most * 5,
          `${q}: rank ${i + 1}`,
        );
      });
      if (engine === "stanford") deepStrictEqual([...own.numbers], numbers);
    }
  });

  Deno.test(`${engine}'s index is the same after it was read and written again`, async () => {
    using temporary = temporaryFolder();
    const origin = await openForeign(join(FIXTURES, engine));
    const folder = join(temporary.path, "index");
    importPlaid(origin, folder, { encoder: ENCODER });
    for (const { name, run } of plaidChecks(folder)) strictEqual(run(), undefined, name);
    const back = join(temporary.path, "back");
    deepStrictEqual(exportPlaid(folder, back, engine), []);
    const again = await openForeign(back);
    deepStrictEqual(contentOf(again), contentOf(origin));
    for (const [name, json] of Object.entries(origin.kept.json) as [string, Record<string, unknown>][]) {
      const { frozen: _frozen, mutable: _mutable, ...rest } = json; // how fast-plaid's files lie, not what they hold
      deepStrictEqual(JSON.parse(Deno.readTextFileSync(join(back, name))), rest, name);
    }
  });

  Deno.test(`${engine}'s index goes through every other format`, async () => {
    using temporary = temporaryFolder();
    const origin = contentOf(await openForeign(join(FIXTURES, engine)));
    for (const format of FOREIGN_FORMATS) {
      const folder = join(temporary.path, `from-${format}`);
      const written = join(temporary.path, format);
      importPlaid(await openForeign(join(FIXTURES, engine)), folder, { encoder: ENCODER });
      exportPlaid(folder, written, format);
      const other = contentOf(await openForeign(written));
      const join_ = (chunks: typeof origin.chunks, part: "codes" | "residuals" | "doclens") =>
        chunks.flatMap((c) => [...c[part]]);
      for (const part of ["codes", "residuals", "doclens"] as const) {
        deepStrictEqual(join_(other.chunks, part), join_(origin.chunks, part), part);
      }
      deepStrictEqual(other.lists, origin.lists);
      deepStrictEqual([other.cutoffs, other.weights], [origin.cutoffs, origin.weights]);
      const values = (
        rows: ForeignIndex["centroids"],
      ) => [...rows instanceof Float32Array ? rows : new Float16Array(rows.buffer)];
      deepStrictEqual(values(other.centroids), values(origin.centroids));
    }
  });
}

Deno.test("latebench's index, grown and shrunk, goes to every engine and back with its ids", async () => {
  using temporary = temporaryFolder();
  const settings = {
    nbits: 4,
    partitions: 32,
    kmeans_niters: 2,
    points_per_centroid: 256,
    nearby: 1,
    seed: 1,
  };
  const options = { kernel: KERNEL, threads: 2, quiet: true };
  const embeddings = writeRandomEmbeddings(join(temporary.path, "vectors"), { passages: 150, dim: DIM, shards: 3 });
  const first = join(temporary.path, "first");
  Deno.mkdirSync(first);
  await buildPlaidIndex(embeddings, first, settings, options);
  const folder = join(temporary.path, "index");
  linkFolder(first, folder);
  const more = writeRandomEmbeddings(join(temporary.path, "more"), { passages: 40, dim: DIM, shards: 1 });
  const added = { ...more, ids: more.ids.map((id) => `new ${id}`) };
  await updatePlaid(folder, { embeddings: added, passages: () => added.ids.map((id) => ({ id, text: "" })) }, [
    "p3",
    "p149",
  ], options);
  const rank = async (folder: string) => {
    const { setup, ids } = openPlaidIndex(folder, { kernel: KERNEL, int8: false });
    using searcher = openSearcher(setup, 1);
    const rankings: [string, number][][] = [];
    for (let q = 0; q < 5; q++) {
      const plan = planSearch({ variant: "plaid", ncells: 3, ndocs: 100 }, 25);
      const { numbers, scores } = await searcher.search(clusteredQuery(6, DIM, 40, q), 25, plan, allPassages(setup));
      rankings.push(Array.from(numbers, (number, i) => [ids[number]!, scores[i]]));
    }
    return rankings;
  };
  const expected = await rank(folder);
  for (const format of FOREIGN_FORMATS) {
    const written = join(temporary.path, format);
    const back = join(temporary.path, `back-${format}`);
    exportPlaid(folder, written, format);
    const foreign = await openForeign(written);
    strictEqual(foreign.format, format);
    deepStrictEqual(foreign.passages, 188);
    deepStrictEqual(foreign.ids?.slice(146, 149), ["p147", "p148", "new p0"]);
    importPlaid(foreign, back, { encoder: ENCODER });
    deepStrictEqual(await rank(back), expected);
    await updatePlaid(back, null, ["p0", "new p1"], options);
  }
});

Deno.test("corrupted indexes give a clear error, a thousand times", async () => {
  const random = seededRandom(11);
  const below = (limit: number) => Math.floor(random() * limit);
  let errors = 0;
  let harmless = 0;
  for (const engine of ENGINES) {
    using temporary = temporaryFolder();
    const names = [...Deno.readDirSync(join(FIXTURES, engine))].map(({ name }) => name)
      .filter((name) => !/threshold|manifest|lock|plan/.test(name)).sort();
    const whole = new Map(names.map((name) => [name, Deno.readFileSync(join(FIXTURES, engine, name))]));
    for (const [name, bytes] of whole) Deno.writeFileSync(join(temporary.path, name), bytes);
    const origin = contentOf(await openForeign(temporary.path));
    for (let done = 0; done < 520;) {
      const name = names[below(names.length)];
      const bytes = whole.get(name)!;
      // NumPy's files have no checksum: of numbers that nothing else tells, only the header can be seen to be wrong.
      const told = !/^(merged_residuals|centroids|bucket|avg).*npy$/.test(name);
      const broken = corrupt(bytes, told ? bytes.length : Math.min(bytes.length, 80), below);
      const path = join(temporary.path, name);
      if (broken) Deno.writeFileSync(path, broken);
      else Deno.removeSync(path);
      try {
        const index = await openForeign(temporary.path);
        checkLists(index);
        deepStrictEqual(contentOf(index), origin, name); // what was changed says nothing of the index
        harmless++;
      } catch (error) {
        ok(error instanceof LatebenchError && !error.message.includes("\n"), `${name}: ${error}`);
        strictEqual(error.exitCode, 2);
        ok(error.message.includes(temporary.path), error.message);
        done++;
        errors++;
      }
      Deno.writeFileSync(path, bytes);
    }
  }
  ok(errors >= 1000 && harmless < errors, `${errors} errors, ${harmless} harmless changes`);
});

Deno.test("what a pickle asks for is never done", async () => {
  using temporary = temporaryFolder();
  linkFolder(join(FIXTURES, "stanford"), temporary.path);
  const path = join(temporary.path, "centroids.pt");
  const original = Deno.readFileSync(path);
  const marker = join(temporary.path, "executed");
  Deno.removeSync(path);
  // The same archive with another call in the place of torch's.
  const text = String.fromCharCode(...original).replace(
    "torch._utils\n_rebuild_tensor_v2",
    "os.system__\n_rebuild_tensor_v2",
  );
  Deno.writeFileSync(path, Uint8Array.from(text, (character) => character.charCodeAt(0)));
  await expectError(() => openForeign(temporary.path), 2, "centroids.pt");
  strictEqual([...Deno.readDirSync(temporary.path)].some(({ name }) => join(temporary.path, name) === marker), false);
});

Deno.test("a folder of something else is refused", async () => {
  using temporary = temporaryFolder();
  await expectError(() => openForeign(temporary.path), 2, "an index of ColBERT, fast-plaid or next-plaid");
});

/** Some bytes changed within the first `until`, cut off, too many, or no file at all (null). */
function corrupt(bytes: Uint8Array, until: number, below: (limit: number) => number): Uint8Array | null {
  const kind = below(12);
  if (kind === 0) return null;
  if (kind < 4) return bytes.slice(0, below(bytes.length));
  if (kind === 4) {
    const longer = new Uint8Array(bytes.length + 1 + below(64));
    longer.set(bytes);
    return longer;
  }
  const changed = bytes.slice();
  for (let i = 0; i <= below(4); i++) changed[below(until)] ^= 1 << below(8);
  return changed;
}
