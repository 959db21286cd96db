import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { colbertScript } from "../../../eval/compat/colbert.ts";
import { lotteScript } from "../../../eval/compat/lotte.ts";
import { msmarcoScript } from "../../../eval/compat/msmarco.ts";
import { pythonRepr } from "../../../eval/compat/python.ts";
import { expectError } from "../../fixtures/expect.ts";
import { temporaryFolder } from "../../fixtures/temporary.ts";

interface Golden {
  readonly qrels: readonly [number, number][];
  readonly run: readonly [number, number, number][];
  readonly stdout: readonly string[];
}

const GOLDEN: readonly Golden[] = JSON.parse(
  Deno.readTextFileSync(new URL("../../fixtures/compat/msmarco.json", import.meta.url)),
);

for (const [number, { qrels, run, stdout }] of GOLDEN.entries()) {
  Deno.test(`ms_marco_eval.py, awkward files ${number + 1}: what Python prints`, () => {
    using folder = temporaryFolder();
    const judged = folder.file("qrels.tsv", qrels.map(([qid, pid]) => `${qid}\t0\t${pid}\t1\n`).join(""));
    const ranked = folder.file("run.tsv", run.map((line) => `${line.join("\t")}\n`).join(""));
    deepStrictEqual(msmarcoScript(judged, ranked), stdout);
  });
}

Deno.test("ms_marco_eval.py: padding scores, label 0 is relevant, other queries count as ranked", () => {
  using folder = temporaryFolder();
  const qrels = folder.file("qrels", "1\t0\t0\t1\n2\t0\t9\t0\n");
  const run = folder.file("run", "1\t5\t1\n2\t9\t1\n3\t9\t1\n");
  deepStrictEqual(msmarcoScript(qrels, run).slice(1, 3), ["MRR @10: 0.75", "QueriesRanked: 3"]);
});

Deno.test("ms_marco_eval.py: ranks beyond 1,000, TREC runs and foreign queries are refused", async () => {
  using folder = temporaryFolder();
  const qrels = folder.file("qrels", "1\t0\t5\t1\n");
  const refused = (content: string, ...parts: string[]) =>
    expectError(() => msmarcoScript(qrels, folder.file("run", content)), 2, ...parts);
  await refused("1\t5\t1001\n", "run:1", "a rank up to 1000");
  await refused("1\t5\t1\n1 Q0 6 2 0.5 t\n", "run:2");
  await refused("2\t5\t1\n", "no query of the judgements");
});

Deno.test("msmarco_passages.py of ColBERT: file order, both denominators, duplicates count twice", () => {
  using folder = temporaryFolder();
  const qrels = folder.file("qrels", "1 0 5 1\n1 0 6 1\n2 0 7 1\n");
  const run = folder.file("run", "1\t9\t3\t0.5\n1\t5\t1\t0.4\n1\t5\t2\t0.3\n");
  const lines = colbertScript(qrels, run, "v1");
  deepStrictEqual(lines.slice(2, 15), [
    "",
    "#> [WARNING] num_judged_queries != num_ranked_queries",
    "#> 2 != 1",
    "",
    "#> Computing MRR@10 for 2 queries.",
    "",
    "#> MRR@10 = 0.25",
    "#> MRR@10 (only for ranked queries) = 0.5",
    "",
    "",
    "#> Recall@50 = 0.5",
    "#> Recall@50 (only for ranked queries) = 1.0",
    "",
  ]);
  const depths = (version: "v1" | "main") =>
    colbertScript(qrels, run, version).flatMap((line) => /Recall@(\d+) =/.exec(line)?.[1] ?? []).join();
  deepStrictEqual([depths("v1"), depths("main")], ["50,200,1000", "50,100,200,1000,5000,10000"]);
  return expectError(() => colbertScript(folder.file("graded", "1 0 5 2\n"), run, "main"), 2, "graded:1", "label 1");
});

Deno.test("msmarco_passages.py of ColBERT: v1 insists on judged queries, main does not; neither takes rubbish", async () => {
  using folder = temporaryFolder();
  const qrels = folder.file("qrels", "1 0 5 1\n");
  const other = folder.file("other", "1\t5\t1\n3\t5\t1\n");
  await expectError(() => colbertScript(qrels, other, "v1"), 2, "other:2", "query 3");
  deepStrictEqual(colbertScript(qrels, other, "main").includes("#> MRR@10 (only for ranked queries) = 0.5"), true);
  for (const row of ["1\t5\t1\tx", "1\t5\t1\t0.5\t7", "1\t5\t1\t.", "1\t5\t1\te5", "1 5 1"]) {
    await expectError(() => colbertScript(qrels, folder.file("bad", `${row}\n`), "main"), 2, "bad:1");
  }
  for (const score of ["-0.5", "1e-5", ".5", "5.", "nan", "-inf", "1_0.5"]) {
    colbertScript(qrels, folder.file("good", `1\t5\t1\t${score}\n`), "v1");
  }
  await expectError(() => colbertScript(qrels, folder.file("empty", ""), "main"), 2, "empty", "no ranking");
});

Deno.test("LoTTE's Success@5: unranked questions fail, ranks must count up", () => {
  using folder = temporaryFolder();
  const qas = folder.file(
    "qas.jsonl",
    '{"qid":0,"answer_pids":[4]}\n{"qid":1,"answer_pids":[5,6]}\n{"qid":2,"answer_pids":[1]}\n',
  );
  const run = folder.file("run", "0\t9\t1\n0\t4\t2\t0.3\n1\t7\t1\n");
  const { line, warnings } = lotteScript(qas, run);
  strictEqual(line, "Success@5: 33.3");
  strictEqual(warnings.length, 1);
  return expectError(() => lotteScript(qas, folder.file("bad", "0\t9\t2\n")), 2, "bad:1", "rank 1");
});

Deno.test("floats as Python's repr has them", () => {
  const reprs = { "0.0": 0, "1.0": 1, "0.1": 0.1, "1e-05": 1e-5, "0.0001": 1e-4, "1.5e-07": 1.5e-7 };
  for (const [text, value] of Object.entries(reprs)) strictEqual(pythonRepr(value), text);
});
