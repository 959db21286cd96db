import { strictEqual } from "node:assert/strict";
import { resultsFormatPage } from "../../docs/build_results_format.ts";
import { readResults } from "../../eval/results/read.ts";
import { expectError } from "../fixtures/expect.ts";
import { fakeResults } from "../fixtures/fake_results.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

Deno.test("docs/results_format.md says what the schema says", () => {
  const page = Deno.readTextFileSync(new URL("../../docs/results_format.md", import.meta.url));
  strictEqual(page, resultsFormatPage(), "run: deno task build:docs");
});

Deno.test("readResults() names the field that is wrong", async () => {
  using folder = temporaryFolder();
  const results = fakeResults();
  readResults(folder.file("good.json", JSON.stringify(results)));
  const read = (name: string, content: unknown) => () => readResults(folder.file(name, JSON.stringify(content)));
  await expectError(read("version.json", { ...results, version: 99 }), 2, "version.json", "version");
  await expectError(read("extra.json", { ...results, surprise: 1 }), 2, "extra.json", "surprise");
  const broken = { ...results, cells: [{ ...results.cells[0], depth: "deep" }] };
  await expectError(read("cell.json", broken), 2, "cells.0.depth");
  await expectError(() => readResults(folder.file("half.json", '{"format":')), 2, "half.json", "broken JSON");
});
