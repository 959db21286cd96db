import { deepStrictEqual, doesNotMatch, match, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { main } from "../../main.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

/** Runs a command line in this process; what it wrote comes back. */
async function run(args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const written: { log: string[]; error: string[] } = { log: [], error: [] };
  const { log, error } = console;
  console.log = (...parts) => void written.log.push(parts.join(" "));
  console.error = (...parts) => void written.error.push(parts.join(" "));
  try {
    return { code: await main(args), stdout: written.log.join("\n"), stderr: written.error.join("\n") };
  } finally {
    Object.assign(console, { log, error });
  }
}

// deno-lint-ignore no-control-regex -- control characters are what is looked for
const STEERS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/;

Deno.test("passages steer no terminal: hits, JSON, data show; a query without hits is none", async () => {
  using folder = temporaryFolder();
  const text = "word \u001b]0;gone\u0007 \u009b2J\u202e\nsecond line \u0000";
  const file = folder.file("c.jsonl", `${JSON.stringify({ id: "p\u202e1", text })}\n`);
  const [index, store] = ["i", "s"].map((name) => join(folder.path, name));
  const common = ["--store", store, "--kernel", "wasm", "--quiet"];
  strictEqual((await run(["index", "--index", index, "--collection", file, "--backend", "bm25", ...common])).code, 0);
  for (const extra of [[], ["--explain"], ["--json"]]) {
    const { code, stdout } = await run(["search", "--index", index, "word", ...common, ...extra]);
    strictEqual(code, 0);
    doesNotMatch(stdout, STEERS);
    match(stdout, /\\u001b|\\u009b/);
  }
  const { stdout } = await run(["search", "--index", index, "word", ...common, "--json"]);
  deepStrictEqual(JSON.parse(stdout).hits.map(({ id, text }: { id: string; text: string }) => [id, text]), [[
    "p\u202e1",
    text,
  ]]);
  for (const query of ["nothing", "", ".", "\u0000"]) {
    for (const extra of [[], ["--json"], ["--explain"]]) {
      const none = await run(["search", "--index", index, query, ...common, ...extra]);
      deepStrictEqual([none.code, none.stderr], [0, ""], JSON.stringify([query, extra]));
    }
  }
  folder.file("d/c.jsonl", Deno.readTextFileSync(file));
  folder.file("d/q.tsv", "1\tword\n");
  folder.file(
    "d/dataset.yaml",
    "name: mine\ncollection: { file: c.jsonl, format: jsonl }\ntopics:\n  - { name: all, queries: { file: q.tsv, format: tsv }, measures: [RR] }\n",
  );
  const shown = await run(["data", "show", join(folder.path, "d"), "p\u202e1", "--data-dir", folder.path]);
  strictEqual(shown.code, 0, shown.stderr);
  doesNotMatch(shown.stdout, STEERS);
  strictEqual(shown.stdout.split("\n").length, 1);
});

Deno.test("errors quote what they found without control characters", async () => {
  using folder = temporaryFolder();
  const qrels = folder.file("q", "1 0 a 1\n");
  const runFile = folder.file("r", "1 Q0 \u009b2J\u202e 1 x t\n");
  for (
    const args of [["metrics", "--qrels", qrels, "--run", runFile], ["\u001b[2J"], [
      "eval",
      "--dataset",
      "\u001b[2J\nx",
    ]]
  ) {
    const { code, stderr } = await run(args);
    strictEqual(code === 1 || code === 2, true);
    doesNotMatch(stderr.split("\n")[0], STEERS);
    doesNotMatch(stderr, STEERS);
  }
});
