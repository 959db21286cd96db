import { deepStrictEqual, ok } from "node:assert/strict";
import { join } from "node:path";
import type { Index } from "../../backends/backend.ts";
import { foldersOf, writeManifest } from "../../backends/living/manifest.ts";
import { openSnapshot, type Snapshot } from "../../backends/living/snapshot.ts";
import { livePassages, writeTexts } from "../../backends/living/texts.ts";
import { BACKENDS } from "../../backends/registry.ts";
import { parseSpec } from "../../backends/spec.ts";
import type { Passage } from "../../datasets/dataset.ts";
import { encodeCollection } from "../../encoders/embeddings/encode_collection.ts";
import { readEmbeddings } from "../../encoders/embeddings/read.ts";
import { fromFileUrl } from "../../support/paths.ts";
import { seededRandom } from "../../support/random.ts";
import { fakeDataset } from "../fixtures/fake_dataset.ts";
import { fakeEncoder, fakeMatrix } from "../fixtures/fake_encoder.ts";
import { copyCodebook } from "../fixtures/plaid_codebook.ts";
import { loneContext, noOtherIndex } from "../fixtures/lone_context.ts";
import { carryOut, type Order } from "./orders.ts";

/** What a soak did. */
export interface SoakReport {
  readonly orders: number;
  readonly kills: number;
  /** Orders that were killed before they were acknowledged, and were carried out all the same. */
  readonly carriedOut: number;
  readonly searches: number;
  readonly passages: number;
  /** Of the searching process, after a tenth of the time and at the end. */
  readonly memory: readonly [number, number];
  readonly handles: readonly [number, number];
}

const WORDS = "alpha beta gamma delta omega sigma kappa theta lambda zeta common rare".split(" ");
const FIRST = 120;
const MOST = 400;

/**
 * Searches an index for some time while another process adds, replaces and deletes passages, compacts and rebuilds, and is killed again
 * and again. After every order the index must hold just the acknowledged passages (and, where the writer was killed, either all
 * or nothing of its last order), and rank as an index does that is built of them then. An old state that is kept open must
 * answer as it did.
 *
 * @throws {AssertionError} where it does not
 */
export async function soak(
  folder: string,
  spec: string,
  { seconds, seed }: { readonly seconds: number; readonly seed: number },
): Promise<SoakReport> {
  const random = seededRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = <T>(items: readonly T[]) => items[below(items.length)];
  const { backend, options, label } = parseSpec(spec, BACKENDS);
  const store = join(folder, "store");
  const context = loneContext({ name: "wasm" }, store, 1);
  let made = 0;
  const passage = (id = `p${made++}`): Passage => {
    return { id, text: Array.from({ length: 1 + below(9) }, () => pick(WORDS)).join(" ") };
  };
  const build = async (target: string, passages: readonly Passage[], trained: string | null) => {
    const dataset = fakeDataset(passages);
    const vectors = join(folder, "vectors");
    await Deno.remove(vectors, { recursive: true }).catch(() => {});
    await encodeCollection(dataset, fakeEncoder(), vectors, { quiet: true });
    const source = {
      dataset,
      embeddings: () => Promise.resolve(readEmbeddings(vectors)),
      index: noOtherIndex,
    };
    await Deno.remove(target, { recursive: true }).catch(() => {});
    Deno.mkdirSync(target, { recursive: true });
    if (trained !== null && backend.name === "plaid") copyCodebook(trained, target);
    await backend.build(source, target, options, context);
  };

  let passages: readonly Passage[] = Array.from({ length: FIRST }, () => passage());
  const living = join(folder, "living");
  const { index, texts } = foldersOf(living, 0);
  await build(index, passages, null);
  writeTexts(texts, () => passages);
  writeManifest(living, {
    backend: label,
    encoder: { spec: "fake", hash: fakeEncoder().hash },
    dataset: "fake",
    generation: 0,
  });

  const queries = Array.from({ length: 6 }, () => pick(WORDS) + " " + pick(WORDS));
  const rank = async (open: Index, k: number) => {
    const all: [string, number][][] = [];
    for (const text of queries) {
      const { ids, scores } = await open.search({ id: text, text, matrix: fakeMatrix(text) }, k);
      all.push(ids.map((id, i) => [id, scores[i]]));
    }
    return all;
  };
  const order = (): Order => {
    const kind = below(20);
    if (kind === 0) return { verb: "compact" };
    if (kind === 1) return { verb: "rebuild" };
    const ids = passages.map(({ id }) => id);
    const some = (most: number) => [...new Set(Array.from({ length: 1 + below(most) }, () => pick(ids)))];
    if (ids.length > MOST || (kind < 7 && ids.length > 20)) {
      return { verb: "delete", added: [], removed: some(ids.length > MOST ? 200 : 8) };
    }
    if (kind < 14) return { verb: "add", added: Array.from({ length: 1 + below(12) }, () => passage()), removed: [] };
    const again = some(4).map((id) => passage(id));
    return { verb: "upsert", added: [...again, passage()], removed: [] };
  };

  let writer = await startWriter(living, store);
  let held: { snapshot: Snapshot; index: Index; ranking: unknown } | null = null;
  const counts = { orders: 0, kills: 0, carriedOut: 0, searches: 0 };
  let early: [number, number] | null = null;
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  try {
    while (elapsed() < seconds) {
      const next = order();
      counts.orders++;
      const kill = random() < 0.35;
      const done = writer.send(next);
      const now = carryOut(passages, next);
      if (kill) {
        await Promise.race([done.catch(() => {}), new Promise((wake) => setTimeout(wake, random() ** 2 * 400))]);
        await writer.kill();
        counts.kills++;
        const acknowledged = await done.then(() => true, () => false);
        using snapshot = openSnapshot(living);
        const there = [...livePassages(snapshot.texts)].map(({ id, text }) => ({ id, text }));
        const whole = JSON.stringify(there) === JSON.stringify(now);
        if (!whole || acknowledged) deepStrictEqual(there, acknowledged ? now : passages);
        if (whole) passages = now;
        if (whole && !acknowledged) counts.carriedOut++;
        writer = await startWriter(living, store);
      } else {
        await done;
        passages = now;
      }
      using snapshot = openSnapshot(living);
      deepStrictEqual([...livePassages(snapshot.texts)].map(({ id, text }) => ({ id, text })), passages);
      const target = join(folder, "fresh");
      await build(target, passages, snapshot.index);
      {
        await using open = await backend.open(snapshot.index, options, context);
        await using fresh = await backend.open(target, options, context);
        ok(open.passages === passages.length, `${open.passages} passages, ${passages.length} expected`);
        deepStrictEqual(await rank(open, 10), await rank(fresh, 10));
        deepStrictEqual(await rank(open, 1000), await rank(fresh, 1000));
        counts.searches += 4 * queries.length;
      }
      if (held) {
        deepStrictEqual(await rank(held.index, 20), held.ranking);
        counts.searches += queries.length;
        if (below(4) === 0) {
          await held.index[Symbol.asyncDispose]();
          held.snapshot[Symbol.dispose]();
          held = null;
        }
      } else if (below(3) === 0) {
        const own = openSnapshot(living);
        const index = await backend.open(own.index, options, context);
        held = { snapshot: own, index, ranking: await rank(index, 20) };
      }
      if (!early && elapsed() > seconds / 10) early = measure();
    }
  } finally {
    await held?.index[Symbol.asyncDispose]();
    held?.snapshot[Symbol.dispose]();
    await writer.kill();
  }
  const late = measure();
  const [memory, handles] = early ?? late;
  return { ...counts, passages: passages.length, memory: [memory, late[0]], handles: [handles, late[1]] };
}

/** Bytes in memory, and open files. */
function measure(): [number, number] {
  (globalThis as { gc?: () => void }).gc?.();
  return [Deno.memoryUsage().rss, [...Deno.readDirSync("/proc/self/fd")].length];
}

interface Writer {
  /** Resolves when the order is acknowledged. */
  send(order: Order): Promise<void>;
  kill(): Promise<void>;
}

async function startWriter(folder: string, store: string): Promise<Writer> {
  const script = fromFileUrl(new URL("./writer.ts", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", "--quiet", script, folder, store],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const input = child.stdin.getWriter();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const expect = async (word: string) => {
    for (let text = ""; !text.includes("\n");) {
      const { value, done } = await output.read();
      if (done) throw new Error(`the writer ended instead of saying ${word}`);
      text += value;
    }
  };
  await expect("ready");
  return {
    async send(order) {
      await input.write(new TextEncoder().encode(JSON.stringify(order) + "\n"));
      await expect("done");
    },
    async kill() {
      try {
        child.kill("SIGKILL");
      } catch { /* it has ended */ }
      await child.status;
      await input.abort().catch(() => {});
      await output.cancel().catch(() => {});
    },
  };
}
