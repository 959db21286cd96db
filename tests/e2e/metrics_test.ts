import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { realDataTest } from "../fixtures/shared_data.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";
import { runCli } from "./cli.ts";

Deno.test("deno task metrics prints measure, query and value", async () => {
  using folder = temporaryFolder();
  const qrels = folder.file("qrels", "1 0 a 1\n2 0 b 1\n");
  const run = folder.file("run", "1 Q0 x 1 2 t\n1 Q0 a 2 1 t\n");
  const plain = await runCli("metrics", ["--qrels", qrels, "--run", run, "-m", "MRR@10 R@5", "-q"]);
  strictEqual(
    plain.stdout,
    "RR@10\t1\t0.5000\nR@5\t1\t1.0000\nRR@10\t2\t0.0000\nR@5\t2\t0.0000\nRR@10\tall\t0.2500\nR@5\tall\t0.5000\n",
  );
  ok(plain.stderr.includes("2 judged queries, 1 of them not ranked"));
  const json = JSON.parse((await runCli("metrics", ["--qrels", qrels, "--run", run, "-m", "RR@10", "--json"])).stdout);
  deepStrictEqual([json.mean, json.missing_queries, json.order], [{ "RR@10": 0.25 }, ["2"], "trec_eval@9"]);
});

realDataTest("deno task metrics: BM25 and SPLADE++ on DL 2019 as trec_eval -c has them", async (folder) => {
  for (const [name, expected] of [["BM25", "0.5058"], ["SPLADE_P_P_ENSEMBLE_DISTIL", "0.7308"]]) {
    const { stdout } = await runCli("metrics", [
      ...["--qrels", join(folder("msmarco-dl19"), "qrels.full.txt")],
      ...["--run", join(folder("oracle/dl19"), `${name}.run`), "-m", "nDCG@10"],
    ]);
    strictEqual(stdout, `nDCG@10\tall\t${expected}\n`);
  }
});
