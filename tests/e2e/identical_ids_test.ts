import { ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { readResults } from "../../eval/results/read.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";
import { runCli } from "./cli.ts";

Deno.test("a query's own passage is left out where that is asked for, and results say so", async () => {
  using folder = temporaryFolder();
  const debate = "school uniforms help children learn";
  folder.file(
    "d/corpus.jsonl",
    [["q1", debate], ["x", "school uniforms do not help"], ["y", "cats purr"]]
      .map(([_id, text]) => JSON.stringify({ _id, text }) + "\n").join(""),
  );
  folder.file("d/queries.jsonl", `${JSON.stringify({ _id: "q1", text: debate })}\n`);
  folder.file("d/qrels/test.tsv", "query-id\tcorpus-id\tscore\nq1\tx\t1\n");
  const run = async (name: string, ...args: string[]) => {
    const out = join(folder.path, name);
    const all = ["--dataset", join(folder.path, "d"), "--backend", "bm25", "--latency", "off", "--quiet", "--out", out];
    const { code, stdout, stderr } = await runCli("eval", [...all, "--store", join(folder.path, "store"), ...args]);
    strictEqual(code, 0, stderr);
    return { stdout, results: readResults(join(out, "results.json")) };
  };
  const plain = await run("plain");
  strictEqual(plain.results.cells[0].mean["RR@10"], 0.5);
  const left = await run("left", "--ignore-identical-ids", "--k", "1");
  strictEqual(left.results.cells[0].mean["RR@10"], 1);
  strictEqual(left.results.cells[0].queries[0].top[0].id, "x", "one is left of k = 1");
  strictEqual(left.results.datasets[0].topics[0].ignore_identical_ids, true);
  ok(left.stdout.includes("a passage whose id is the query's is left out of every ranking"));
  ok(left.results.datasets[0].topics[0].qrels_hash !== plain.results.datasets[0].topics[0].qrels_hash);
});
