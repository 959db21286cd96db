import { ok } from "node:assert/strict";
import { join } from "node:path";
import { verifyIndex } from "../../commands/doctor/verify.ts";
import { indexCommand } from "../../commands/index.ts";
import { LatebenchError } from "../../support/errors.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const SPECS = [
  "rerank:first=bm25,vectors=text",
  "plaid",
  "muvera:r_reps=2",
  "faiss-ivfpq:engine=builtin",
  "exhaustive",
];
const PASSAGES = Array.from({ length: 12 }, (_, i) => `d${i}\tHoney bees number ${i} dance for flowers.\n`).join("");

Deno.test("doctor finds fresh indexes sound, and waits for no pipe in place of one of their files", async () => {
  using folder = temporaryFolder();
  const collection = folder.file("collection.tsv", PASSAGES);
  const [store, kept] = [join(folder.path, "store"), join(folder.path, "kept")];
  for (const [i, spec] of SPECS.entries()) {
    const index = join(folder.path, `index-${i}`);
    const options = ["--collection", collection, "--backend", spec, "--store", store, "--quiet", "--threads", "2"];
    await indexCommand.run(["--index", index, ...options]);
    ok(await verifyIndex(index, store), spec);
    let faults = 0;
    for (const file of filesBelow(index)) {
      Deno.renameSync(file, kept);
      ok((await new Deno.Command("mkfifo", { args: [file] }).output()).success);
      try {
        if (!await verifyIndex(index, store)) faults++;
      } catch (error) {
        ok(error instanceof LatebenchError, `${file}: ${error}`);
        faults++;
      }
      Deno.removeSync(file);
      Deno.renameSync(kept, file);
    }
    ok(faults > 2, `${spec}: ${faults}`);
  }
});

function filesBelow(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) => {
    const path = join(folder, name);
    return isDirectory ? filesBelow(path) : [path];
  });
}
