import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { changeIndex, replaceWhileRead } from "../../../backends/living/change.ts";
import { foldersOf, readManifest, writeManifest } from "../../../backends/living/manifest.ts";
import { openSnapshot } from "../../../backends/living/snapshot.ts";
import { writeAtomic } from "../../../support/atomic_write.ts";
import { expectError } from "../../fixtures/expect.ts";
import { temporaryFolder } from "../../fixtures/temporary.ts";

function makeIndex(folder: string): void {
  const { index, texts } = foldersOf(folder, 0);
  writeAtomic(join(index, "a"), "one");
  writeAtomic(join(index, "inner", "b"), "two");
  writeAtomic(join(texts, "t"), "text");
  writeManifest(folder, { backend: "exhaustive", encoder: null, dataset: "none", generation: 0 });
}

const read = (folder: string, name: string) => Deno.readTextFileSync(join(folder, name));
const entries = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("a change shares what it leaves, and is seen when it is whole", async () => {
  using temporary = temporaryFolder();
  makeIndex(temporary.path);
  await changeIndex(temporary.path, ({ index }) => {
    writeAtomic(join(index, "a"), "ONE");
    strictEqual(readManifest(temporary.path).generation, 0);
    strictEqual(read(foldersOf(temporary.path, 0).index, "a"), "one");
    return Promise.resolve();
  });
  using snapshot = openSnapshot(temporary.path);
  strictEqual(snapshot.manifest.generation, 1);
  strictEqual(read(snapshot.index, "a"), "ONE");
  strictEqual(read(snapshot.index, "inner/b"), "two");
  strictEqual(read(snapshot.texts, "t"), "text");
  deepStrictEqual(entries(temporary.path), [".change.lock", ".generation-1.lock", "generation-000001", "search.json"]);
});

Deno.test("files that stay the same are the same files", async () => {
  using temporary = temporaryFolder();
  makeIndex(temporary.path);
  const before = Deno.statSync(join(foldersOf(temporary.path, 0).index, "inner", "b")).ino;
  await changeIndex(temporary.path, () => Promise.resolve());
  strictEqual(Deno.statSync(join(foldersOf(temporary.path, 1).index, "inner", "b")).ino, before);
});

Deno.test("those who read keep their state until they are done", async () => {
  using temporary = temporaryFolder();
  makeIndex(temporary.path);
  const first = openSnapshot(temporary.path);
  await changeIndex(temporary.path, ({ index }) => Promise.resolve(writeAtomic(join(index, "a"), "ONE")));
  const second = openSnapshot(temporary.path);
  for (const text of ["2", "3", "4"]) {
    await changeIndex(temporary.path, ({ index }) => Promise.resolve(writeAtomic(join(index, "a"), text)));
    strictEqual(read(first.index, "a"), "one");
    strictEqual(read(second.index, "a"), "ONE");
  }
  deepStrictEqual(entries(temporary.path).filter((name) => name.startsWith("generation")), [
    "generation-000001",
    "generation-000004",
  ]);
  ok(entries(temporary.path).includes("index"));
  second[Symbol.dispose]();
  first[Symbol.dispose]();
  await changeIndex(temporary.path, () => Promise.resolve());
  deepStrictEqual(entries(temporary.path), [".change.lock", ".generation-5.lock", "generation-000005", "search.json"]);
});

Deno.test("a change that fails leaves everything as it was", async () => {
  using temporary = temporaryFolder();
  makeIndex(temporary.path);
  await changeIndex(temporary.path, () => Promise.resolve());
  const before = entries(temporary.path);
  await rejects(
    () =>
      changeIndex(temporary.path, ({ index }) => {
        writeAtomic(join(index, "a"), "half");
        return Promise.reject(new Error("crash"));
      }),
    /crash/,
  );
  deepStrictEqual(entries(temporary.path), before);
  using snapshot = openSnapshot(temporary.path);
  strictEqual(read(snapshot.index, "a"), "one");
});

Deno.test("what a killed process left is removed by the next change, and never taken for whole", async () => {
  using temporary = temporaryFolder();
  makeIndex(temporary.path);
  const { index } = foldersOf(temporary.path, 1);
  writeAtomic(join(index, "a"), "half");
  writeAtomic(join(foldersOf(temporary.path, 7).index, "a"), "half");
  {
    using snapshot = openSnapshot(temporary.path);
    strictEqual(read(snapshot.index, "a"), "one");
  }
  await changeIndex(temporary.path, ({ index }) => Promise.resolve(strictEqual(read(index, "a"), "one")));
  deepStrictEqual(entries(temporary.path), [".change.lock", ".generation-1.lock", "generation-000001", "search.json"]);
});

Deno.test("changes wait for one another", async () => {
  using temporary = temporaryFolder();
  makeIndex(temporary.path);
  let running = 0;
  await Promise.all(Array.from({ length: 8 }, (_, i) =>
    changeIndex(temporary.path, async ({ index }) => {
      strictEqual(running++, 0);
      await new Promise((done) => setTimeout(done, 3));
      writeAtomic(join(index, `added-${i}`), "");
      running--;
    })));
  using snapshot = openSnapshot(temporary.path);
  strictEqual(snapshot.manifest.generation, 8);
  strictEqual(entries(snapshot.index).filter((name) => name.startsWith("added")).length, 8);
});

Deno.test("a folder that is no index is left alone", async () => {
  using temporary = temporaryFolder();
  await expectError(() => changeIndex(temporary.path, () => Promise.resolve()), 2, "search.json");
  await expectError(() => Promise.resolve(openSnapshot(temporary.path)), 2, "search.json");
  deepStrictEqual(entries(temporary.path), []);
  ok(!entries(join(temporary.path, "..")).includes(`${temporary.path}.lock`));
});

Deno.test("an index that is replaced while it is read stays for those who read it", async () => {
  using temporary = temporaryFolder();
  makeIndex(temporary.path);
  const manifest = { backend: "bm25", encoder: null, dataset: "other" };
  const fill = ({ index, texts }: { index: string; texts: string }) => {
    writeAtomic(join(index, "new"), "new");
    writeAtomic(join(texts, "t"), "other text");
    return 7;
  };
  strictEqual(await replaceWhileRead(temporary.path, manifest, fill), null, "nobody reads it");
  strictEqual(await replaceWhileRead(join(temporary.path, "index"), manifest, fill), null, "no index");
  {
    using old = openSnapshot(temporary.path);
    const failing = () => {
      throw new Error("cannot");
    };
    await rejects(replaceWhileRead(temporary.path, manifest, failing), /cannot/);
    strictEqual(readManifest(temporary.path).generation, 0);
    strictEqual(await replaceWhileRead(temporary.path, manifest, fill), 7);
    strictEqual(read(old.index, "a"), "one");
    using now = openSnapshot(temporary.path);
    deepStrictEqual(now.manifest, { ...manifest, generation: 1 });
    deepStrictEqual([entries(now.index), read(now.texts, "t")], [["new"], "other text"]);
  }
  await changeIndex(temporary.path, () => Promise.resolve());
  deepStrictEqual(entries(temporary.path), [".change.lock", ".generation-2.lock", "generation-000002", "search.json"]);
});
