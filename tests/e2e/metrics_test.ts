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

Deno.test("deno task metrics --ties prints least, expected and greatest value", async () => {
  using folder = temporaryFolder();
  const qrels = folder.file("qrels", "1 0 a 1\n");
  const run = folder.file("run", "1 Q0 x 1 1 t\n1 Q0 a 2 1 t\n");
  const args = ["--qrels", qrels, "--run", run, "-m", "RR@10 R@1", "--ties"];
  const { stdout } = await runCli("metrics", args);
  strictEqual(stdout, "RR@10\tall\t0.5000\t0.5000\t0.7500\t1.0000\nR@1\tall\t0.0000\t0.0000\t0.5000\t1.0000\n");
  const { ties } = JSON.parse((await runCli("metrics", [...args, "--json"])).stdout);
  deepStrictEqual(ties["RR@10"], { min: 0.5, expected: 0.75, max: 1, exact: true });
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

realDataTest("deno task metrics --compat prints what trec_eval prints", async (folder) => {
  const file = (name: string) => join(folder("oracle/trec_eval"), name);
  const { stdout, stderr } = await runCli("metrics", [
    ...["--qrels", file("qrels.test"), "--run", file("results.trunc"), "--compat", "trec_eval@10"],
    ...["-m", "all_trec", "-q", "-c", "-M", "100"],
  ]);
  strictEqual(stdout, Deno.readTextFileSync(file("out.test.aqcM")));
  ok(stderr.includes("trec_eval 10"));
});

Deno.test("deno task metrics --compat trec_eval@9: unranked queries, with and without -c", async () => {
  using folder = temporaryFolder();
  const qrels = folder.file("qrels", "1 0 a 1\n2 0 b 1\n10 0 c 0\n");
  const run = folder.file("run", "1 Q0 x 1 2 t\n1 Q0 a 2 1 t\n10 Q0 c 1 1 t\n");
  const measures = ["-m", "num_q", "-m", "num_rel", "-m", "recip_rank"];
  const lines = async (...args: string[]) => {
    const { stdout } = await runCli("metrics", ["--qrels", qrels, "--run", run, ...args, ...measures]);
    return stdout.trimEnd().split("\n").map((line) => line.replace(/ +\t/, "\t"));
  };
  deepStrictEqual(await lines("--compat", "trec_eval@9"), [
    "num_q\tall\t2",
    "num_rel\tall\t1",
    "recip_rank\tall\t0.2500",
  ]);
  deepStrictEqual(await lines("--compat", "trec_eval@9", "-c", "-q"), [
    ...["num_rel\t1\t1", "recip_rank\t1\t0.5000", "num_rel\t10\t0", "recip_rank\t10\t0.0000"],
    ...["num_q\tall\t3", "num_rel\tall\t2", "recip_rank\tall\t0.1667"],
  ]);
  const { code, stderr } = await runCli("metrics", ["--qrels", qrels, "--run", run, "--compat", "trec_eval@10"]);
  strictEqual(code, 2);
  ok(stderr.includes("no ranking for query 2"));
});

Deno.test("deno task metrics --compat msmarco, colbert and lotte", async () => {
  using folder = temporaryFolder();
  const run = folder.file("run", "1\t5\t1\n1\t6\t2\n");
  const qrels = folder.file("qrels", "1\t0\t6\t1\n");
  const qas = folder.file("qas.jsonl", '{"qid":1,"answer_pids":[6]}\n');
  const output = async (mode: string, judged: string) =>
    (await runCli("metrics", ["--qrels", judged, "--run", run, "--compat", mode])).stdout;
  const line = "#".repeat(21);
  strictEqual(await output("msmarco", qrels), `${line}\nMRR @10: 0.5\nQueriesRanked: 1\n${line}\n`);
  const means = "\n#> MRR@10 = 0.5\n#> MRR@10 (only for ranked queries) = 0.5\n\n";
  for (const mode of ["colbert@v1", "colbert@main"]) ok((await output(mode, qrels)).includes(means));
  strictEqual(await output("lotte", qas), "Success@5: 100.0\n");
});

Deno.test("deno task metrics is strict about a run, and --lenient says what it dropped", async () => {
  using folder = temporaryFolder();
  const qrels = folder.file("qrels", "1 0 a 1\n");
  const run = folder.file("run", "1 Q0 x 1 nan t\n1 Q0 a 2 1 t\n2 Q0 a 1 1 t\n");
  const args = ["--qrels", qrels, "--run", run, "-m", "RR@10"];
  const strict = await runCli("metrics", args);
  strictEqual(strict.code, 2);
  ok(strict.stderr.includes(`${run}:1: found`));
  const lenient = await runCli("metrics", [...args, "--lenient"]);
  strictEqual(lenient.stdout, "RR@10\tall\t1.0000\n");
  ok(lenient.stderr.includes("bad score: 1 rows dropped") && lenient.stderr.includes("unknown topic: 1 rows dropped"));
  const queries = folder.file("queries", "2\twhy\n");
  const known = await runCli("metrics", [...args, "--lenient", "--queries", queries]);
  ok(!known.stderr.includes("unknown topic"));
});

Deno.test("deno task metrics lint-run and convert", async () => {
  using folder = temporaryFolder();
  const run = folder.file("run", "1 Q0 x 1 2 t\n1 Q0 a 2 2 t\n1 Q0 a 3 1 t\n");
  const lint = await runCli("metrics", ["lint-run", "--run", run, "--cutoffs", "1"]);
  strictEqual(lint.code, 2);
  deepStrictEqual(lint.stdout.trimEnd().split("\n").map((line) => line.split("\t").slice(0, 3).join(" ")), [
    "error duplicate passage 1",
    "warning tie at 1 1",
    "warning constant scores 1",
    "note depth 1",
  ]);
  const metadata = folder.file("metadata.yaml", "tag: mine\n");
  const headed = join(folder.path, "headed.run");
  const head = ["convert", "--run", run, "--to", "trec", "--out", headed, "--lenient", "--metadata", metadata];
  strictEqual((await runCli("metrics", head)).code, 0);
  const qrels = folder.file("qrels", "1 0 a 1\n");
  const official = ["--qrels", qrels, "--run", headed, "--compat", "trec_eval@10", "-m", "recip_rank"];
  ok((await runCli("metrics", official)).stdout.includes("0.5000"));
  const out = join(folder.path, "run.json.gz");
  const convert = await runCli("metrics", ["convert", "--run", run, "--to", "json", "--out", out, "--lenient"]);
  strictEqual(convert.code, 0);
  const back = join(folder.path, "back.tsv");
  await runCli("metrics", ["convert", "--run", out, "--to", "msmarco", "--out", back]);
  strictEqual(Deno.readTextFileSync(back), "1\tx\t1\n1\ta\t2\n");
});

Deno.test("an option that takes one value is not given twice: the last would silently hold", async () => {
  using folder = temporaryFolder();
  const qrels = folder.file("qrels", "1 0 a 1\n");
  const [one, two] = [folder.file("one", "1 Q0 a 1 1 t\n"), folder.file("two", "1 Q0 x 1 1 t\n")];
  const { code, stdout, stderr } = await runCli("metrics", ["--qrels", qrels, "--run", one, "--run", two]);
  deepStrictEqual([code, stdout, stderr], [1, "", "latebench: --run is given twice, and takes one value\n"]);
  const several = await runCli("metrics", ["--qrels", qrels, "--run", one, "-m", "RR", "-m", "AP", "-q", "-q"]);
  strictEqual(several.code, 0, "-m may be repeated, and so may switches");
});
