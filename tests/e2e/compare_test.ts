import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { fakeResults } from "../fixtures/fake_results.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";
import { runCli } from "./cli.ts";

Deno.test("deno task compare: tables, JSON, a baseline by name, two files", async () => {
  using folder = temporaryFolder();
  const file = folder.file("a/results.json", JSON.stringify(fakeResults()));
  const other = folder.file("b/results.json", JSON.stringify(fakeResults()));
  const out = join(folder.path, "comparison.json");
  const { stdout } = await runCli("compare", [file, "--baseline", "two", "--out", out]);
  ok(stdout.includes("tiny / all: against two, 2 queries"));
  const [comparison] = JSON.parse(Deno.readTextFileSync(out));
  deepStrictEqual(comparison.differences.map(({ system }: { system: string }) => system), ["one", "candidates(x.run)"]);
  const both = await runCli("compare", [file, other, "-m", "RR@10", "--json"]);
  strictEqual(JSON.parse(both.stdout)[0].family, 5);

  const wrong = await runCli("compare", [file, "--baseline", "three"]);
  strictEqual(wrong.code, 1);
  ok(wrong.stderr.includes("known: one, two"));
});
