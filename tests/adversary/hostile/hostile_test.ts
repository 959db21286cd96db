import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import type { BackendContext, BuildSource } from "../../../backends/backend.ts";
import { writePassageTexts } from "../../../backends/passage_texts.ts";
import { BACKENDS } from "../../../backends/registry.ts";
import { parseSpec } from "../../../backends/spec.ts";
import { encodeCollection } from "../../../encoders/embeddings/encode_collection.ts";
import { readEmbeddings } from "../../../encoders/embeddings/read.ts";
import { seededRandom } from "../../../support/random.ts";
import { fromFileUrl } from "../../../support/paths.ts";
import { fakeDataset } from "../../fixtures/fake_dataset.ts";
import { fakeEncoder } from "../../fixtures/fake_encoder.ts";
import { TEST_STORE } from "../../fixtures/store.ts";
import { temporaryFolder } from "../../fixtures/temporary.ts";
import { BM25, EXHAUSTIVE, FAISS, FUSION, MUVERA, RERANK, TEXTS } from "./backends.ts";
import type { Outcome } from "./child.ts";
import type { Hostile } from "./files.ts";

type Ended = Extract<Outcome, { outcome: unknown }>;

/** A case that takes longer hangs, ms; one that takes more memory than this was sized by an unchecked number, MiB. */
const LONGEST = 10_000;
const MOST_MIB = 2000;

const CASES: readonly (readonly [spec: string, variants: readonly Hostile[], least: number])[] = [
  ["bm25", BM25, 40],
  ["exhaustive", EXHAUSTIVE, 100],
  ["muvera:r_reps=2,d_final=64", MUVERA, 150],
  ["faiss-ivfpq:engine=builtin,partitions=8,m=4", FAISS, 200],
  ["rerank:first=bm25,neighbours=4,adaptive=2", RERANK, 100],
  ["fusion:first=bm25,second=exhaustive", FUSION, 10],
  ["texts", TEXTS, 20],
];

for (const [spec, variants, least] of CASES) {
  Deno.test(`${spec}: no index, whatever its files and their checksums say, ends in anything but an answer or a line`, async () => {
    using temporary = temporaryFolder();
    const honest = await build(spec, temporary.path);
    const folders = [
      { name: "honest", path: honest },
      ...variants.map(({ name, apply }, i) => {
        const path = join(temporary.path, `v${i}`);
        copy(honest, path);
        apply(path);
        return { name, path };
      }),
    ];
    ok(folders.length > least, `${folders.length}`);
    const outcomes = await tryAll(spec, temporary.path, folders);
    strictEqual(outcomes[0].outcome, "answer", outcomes[0].told);
    const bad = outcomes.filter(({ outcome, ms, mib }) => outcome === "trace" || ms > LONGEST || mib > MOST_MIB);
    deepStrictEqual(bad, []);
    deepStrictEqual(outcomes.length, folders.length);
    const refused = outcomes.filter(({ outcome }) => outcome === "line").length;
    ok(refused > 0.8 * variants.length, `${refused} of ${variants.length} were refused`);
  });
}

/** Bits that flip in each file, and how often a search may see nothing of it: where only blanks of JSON changed. */
const FLIPS = 5;

for (const [spec] of CASES) {
  Deno.test(`${spec}: a bit that flips in any file, while its time stays, is found before anything is searched`, async () => {
    using temporary = temporaryFolder();
    const honest = await build(spec, temporary.path);
    const random = seededRandom(34);
    const folders = [{ name: "honest", path: honest }];
    for (const file of filesBelow(honest)) {
      for (let i = 0; i < FLIPS; i++) {
        const path = join(temporary.path, `f${folders.length}`);
        copy(honest, path);
        const bit = flip(join(path, file), random);
        folders.push({ name: `${file}, bit ${bit}`, path });
      }
    }
    const [first, ...flipped] = await tryAll(spec, temporary.path, folders);
    strictEqual(first.outcome, "answer", first.told);
    const unseen = flipped.filter(({ outcome, told }) =>
      outcome === "trace" || (outcome === "answer" && told !== first.told)
    );
    deepStrictEqual(unseen, []);
    strictEqual(flipped.length, folders.length - 1);
    const found = flipped.filter(({ outcome }) => outcome === "line").length;
    ok(found > 0.8 * flipped.length, `${found} of ${flipped.length} were found`);
  });
}

function filesBelow(folder: string, prefix = ""): string[] {
  return [...Deno.readDirSync(join(folder, prefix))].flatMap(({ name, isDirectory }) => {
    const path = join(prefix, name);
    if (isDirectory) return filesBelow(folder, path);
    return Deno.statSync(join(folder, path)).size > 0 ? [path] : [];
  }).sort();
}

function flip(file: string, random: () => number): number {
  const { mtime } = Deno.statSync(file);
  const bytes = Deno.readFileSync(file);
  const bit = Math.floor(random() * 8 * bytes.length);
  bytes[bit >> 3] ^= 1 << (bit & 7);
  Deno.writeFileSync(file, bytes);
  Deno.utimeSync(file, mtime!, mtime!);
  return bit;
}

async function build(spec: string, folder: string): Promise<string> {
  const dataset = fakeDataset();
  const target = join(folder, "honest");
  Deno.mkdirSync(target);
  if (spec === "texts") {
    writePassageTexts(target, dataset.passages());
    return target;
  }
  const vectors = join(folder, "embeddings");
  const source: BuildSource = {
    dataset,
    async embeddings() {
      await encodeCollection(dataset, fakeEncoder(), vectors, { quiet: true });
      return readEmbeddings(vectors);
    },
    async index(inner) {
      const own = join(folder, inner.replaceAll(/\W/g, "-"));
      if (isThere(own)) return own;
      Deno.mkdirSync(own);
      const { backend, options } = parseSpec(inner, BACKENDS);
      await backend.build(source, own, options, context);
      return own;
    },
  };
  const context: BackendContext = {
    threads: 1,
    kernel: { name: "wasm" },
    store: TEST_STORE,
    quiet: true,
    open: (inner, own, given) => {
      const { backend, options } = parseSpec(inner, BACKENDS);
      return backend.open(own, options, given);
    },
  };
  const { backend, options } = parseSpec(spec, BACKENDS);
  await backend.build(source, target, options, context);
  return target;
}

/** Opens and searches folders in processes of their own; one that dies counts for the folder that it was at. */
async function tryAll(spec: string, folder: string, all: readonly { name: string; path: string }[]): Promise<Ended[]> {
  const ended: Ended[] = [];
  for (let left = all; left.length > 0; left = all.slice(ended.length)) {
    const job = join(folder, "job.json");
    Deno.writeTextFileSync(job, JSON.stringify({ spec, store: TEST_STORE, folders: left }));
    const child = fromFileUrl(new URL("./child.ts", import.meta.url));
    const args = ["run", "--allow-all", "--no-check", child, job];
    const limit = AbortSignal.timeout(2 * LONGEST + 200 * left.length + 60_000);
    const { stdout, stderr, code, signal } = await new Deno.Command(Deno.execPath(), { args, signal: limit }).output();
    const told = new TextDecoder().decode(stdout).trim().split("\n").filter((line) => line.startsWith("{"));
    let last = left[0].name;
    for (const line of told) {
      const outcome: Outcome = JSON.parse(line);
      if ("begun" in outcome) last = outcome.begun;
      else ended.push(outcome);
    }
    if (code === 0 && told.length === 2 * left.length) break;
    const death = `${signal ?? code} ${new TextDecoder().decode(stderr).slice(0, 500)}`;
    ended.push({ name: last, outcome: "trace", told: `the process ended: ${death}`, ms: 0, mib: 0 });
  }
  return ended;
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

function copy(from: string, to: string): void {
  Deno.mkdirSync(to);
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    if (isDirectory) copy(join(from, name), join(to, name));
    else Deno.copyFileSync(join(from, name), join(to, name));
  }
}
