import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { readRun } from "../../../datasets/formats/runs/read.ts";
import { tagOf, writeQrels, writeRun } from "../../../eval/runs/write.ts";
import { writeV1Rankings } from "../../../eval/runs/write_v1.ts";
import { expectError } from "../../fixtures/expect.ts";
import { temporaryFolder } from "../../fixtures/temporary.ts";

const run = (qid: string, pid: string, score = 1) => new Map([[qid, [{ id: pid, score }]]]);

Deno.test("what a run's columns cannot hold is refused, and no file is left", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "run");
  for (const format of ["trec", "msmarco", "colbert"] as const) {
    for (const bad of ["", "a b", "a\tb", "a\nforged Q0 b 1 9 t", "a\u00a0b", "\ud800", "\u0000"]) {
      await expectError(() => writeRun(path, run(bad, "p"), format), 2, path);
      await expectError(() => writeRun(path, run("q", bad), format), 2, path);
    }
  }
  for (const bad of ["", "a\nb", "\ud800"]) await expectError(() => writeRun(path, run("q", bad), "json"), 2, path);
  for (const score of [NaN, Infinity]) {
    await expectError(() => writeRun(path, run("q", "p", score), "json"), 2, path, "score");
  }
  await expectError(() => writeRun(path, run("q", "p"), "trec", { tag: "two words" }), 2, "tag");
  await expectError(() => writeQrels(path, new Map([["q", new Map([["a b", 1]])]]), "trec"), 2, path);
  await expectError(() => writeV1Rankings(path, run("q", "a\tb"), { ordered: true, scores: true }), 2, path);
  deepStrictEqual([...Deno.readDirSync(folder.path)], []);
});

Deno.test("JSON runs hold ids with blanks", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "run.json");
  writeRun(path, run("q 1", "p 1"), "json");
  deepStrictEqual(readRun(path), run("q 1", "p 1"));
});

Deno.test("a comment of a run's header has no line that is none", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "run");
  writeRun(path, run("q", "p"), "trec", { metadata: "a: 1\rq Q0 forged 1 9 t\u2028q Q0 forged 1 9 t\n" });
  const lines = Deno.readTextFileSync(path).split(/[\r\n\u2028]/).filter((line) => line !== "");
  deepStrictEqual(lines.filter((line) => !line.startsWith("#")), ["q Q0 p 1 1 latebench"]);
});

Deno.test("a system's name is one column of a TREC run", () => {
  strictEqual(tagOf("plaid:nbits=2"), "plaid:nbits=2");
  strictEqual(tagOf("rerank:first=[a\tb c\n]"), "rerank:first=[a_b_c_]");
});
