import { strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { faissIvfpq } from "../../backends/faiss_ivfpq/faiss_ivfpq.ts";
import { changeIndex } from "../../backends/living/change.ts";
import { readManifest } from "../../backends/living/manifest.ts";
import { listParts } from "../../backends/living/parts.ts";
import { openSnapshot } from "../../backends/living/snapshot.ts";
import { readDescription } from "../../datasets/description.ts";
import { cellSchema } from "../../eval/results/schema.ts";
import { isFile, isFolder } from "../../support/paths.ts";

import { expectError } from "../fixtures/expect.ts";
import { loneContext } from "../fixtures/lone_context.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const OUT = ["../victim", "../../victim", "/tmp/victim", "a/../../victim", ".hidden", "", "-rf", "x\0y"];

Deno.test("compacting removes no file but slices, whatever the index calls them", async () => {
  for (const name of [...OUT, "vectors", "ivfpq.json", "ivfpq.4.faiss/../../victim", "ivfpq.4.faiss\n"]) {
    using folder = temporaryFolder();
    const victim = folder.file("victim/mine", "mine");
    const inner = folder.file("index/vectors/mine", "mine");
    const slice = { partitions: 4, bytes: 1, sha256: "0" };
    const slices = [{ name: "ivfpq.4.faiss", ...slice }, { name, ...slice }];
    folder.file("index/ivfpq.json", JSON.stringify({ built_by: "builtin", slices }));
    const context = loneContext({ name: "reference" }, folder.path, 1);
    const compact = () => faissIvfpq.compact!(join(folder.path, "index"), faissIvfpq.options.parse({}), context);
    await expectError(compact, 2, "ivfpq.json", "name");
    strictEqual(isFile(victim) && isFile(inner), true, name);
  }
});

Deno.test("an index names neither segments nor a data set outside", async () => {
  for (const name of OUT) {
    using folder = temporaryFolder();
    folder.file("index/search.json", JSON.stringify({ backend: "bm25", encoder: null, dataset: name }));
    await expectError(() => readManifest(join(folder.path, "index")), 2, "search.json", "dataset");
    folder.file("index/updates.json", JSON.stringify({ format: "latebench-updates", segments: [name], deleted: {} }));
    await expectError(
      () => listParts(join(folder.path, "index"), () => ({ passages: 0, ids: () => [] })),
      2,
      "segments",
    );
  }
});

Deno.test("an index's locks and folders that are links change nothing elsewhere", async () => {
  using folder = temporaryFolder();
  const victim = folder.file("victim/mine", "mine");
  folder.file("index/search.json", JSON.stringify({ backend: "bm25", encoder: null, dataset: "d" }));
  const path = join(folder.path, "index");
  Deno.symlinkSync(join(folder.path, "victim"), join(path, "index"));
  Deno.symlinkSync(join(folder.path, "victim"), join(path, "texts"));
  Deno.symlinkSync(join(folder.path, "victim"), join(path, "generation-000001"));
  for (const generation of [0, 1]) {
    Deno.symlinkSync(join(folder.path, "made"), join(path, `.generation-${generation}.lock`));
  }
  const refused = [".generation-0.lock", "no file"] as const;
  await expectError(() => openSnapshot(path), 2, ...refused);
  await expectError(() => changeIndex(path, () => Promise.resolve()), 2, ".lock", "no file");
  for (const generation of [0, 1]) Deno.removeSync(join(path, `.generation-${generation}.lock`));
  openSnapshot(path)[Symbol.dispose]();
  await changeIndex(path, ({ index }) => {
    Deno.removeSync(join(index, "mine"));
    return Promise.resolve();
  });
  strictEqual(Deno.readTextFileSync(victim), "mine");
  strictEqual(isFile(join(folder.path, "made")), false);
  strictEqual(isFolder(join(path, "generation-000001", "index")), true);
});

Deno.test("a dataset.yaml names files of its own folder", async () => {
  const describe = (file: string) => ({
    name: "d",
    collection: { file, format: "tsv" },
    topics: [{ name: "t", queries: { file: "q.tsv", format: "tsv" }, measures: ["RR@10"] }],
  });
  using folder = temporaryFolder();
  for (const file of ["../c.tsv", "/etc/passwd", "a/../../c.tsv", "./../c.tsv", "", "a\0b"]) {
    folder.file("dataset.yaml", JSON.stringify(describe(file)));
    await expectError(() => readDescription(folder.path), 2, "dataset.yaml", "collection");
  }
  for (const file of ["c.tsv", "./c.tsv", "parts/größe 1.tsv"]) {
    folder.file("dataset.yaml", JSON.stringify(describe(file)));
    strictEqual(readDescription(folder.path).collection.file, file.replace("./", ""));
  }
});

Deno.test("results name run files beside them", () => {
  const { run_files } = cellSchema.shape;
  for (const trec of ["../x.run", "/etc/passwd", ""]) {
    strictEqual(run_files.safeParse({ trec, msmarco: "runs/x.tsv" }).success, false, trec);
    strictEqual(run_files.safeParse({ trec: "runs/x.run", msmarco: trec }).success, false, trec);
  }
  strictEqual(run_files.safeParse({ trec: "runs/a b.run", msmarco: "runs/x.tsv" }).success, true);
});
