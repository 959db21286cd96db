import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { readQrels } from "../../datasets/formats/qrels.ts";
import { readRun } from "../../datasets/formats/runs/read.ts";
import { openDataset } from "../../datasets/open.ts";
import { evaluateRun } from "../../eval/metrics/evaluate.ts";
import { parseMeasure } from "../../eval/metrics/measure.ts";
import { readResults } from "../../eval/results/read.ts";
import { fromFileUrl, isFile } from "../../support/paths.ts";
import { SMALL_DATASET } from "../fixtures/small_dataset.ts";
import { withCompiled } from "../fixtures/store.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";
import { runCli, startCli } from "./cli.ts";

Deno.test("deno task eval: both built-in data sets, five systems, every file", async () => {
  using folder = temporaryFolder();
  const out = join(folder.path, "out");
  const store = withCompiled(join(folder.path, "store"));
  const { code, stdout, stderr } = await runCli("eval", ["--out", out, "--store", store]);
  strictEqual(code, 0, stderr);
  for (
    const name of [
      "demo-msmarco",
      "demo-car",
      "bm25",
      "exhaustive",
      "faiss-ivfpq",
      "plaid",
      "rerank:first=bm25",
      "RR@10",
      "nDCG@10",
    ]
  ) {
    ok(stdout.includes(name), name);
  }
  match(stderr, /encode demo-msmarco: \d+\/522 passages, [\d.]+ passages\/s, .+ left/);
  const results = readResults(join(out, "results.json"));
  strictEqual(results.cells.length, 10);
  ok(isFile(join(out, "report.html")));

  for (const cell of results.cells) {
    const dataset = openDataset(cell.dataset);
    const qrels = dataset.topics[0].qrels!();
    strictEqual(cell.judged_queries, qrels.size);
    ok(cell.latency && cell.flops_per_query && cell.footprint);
    ok(sum(cell.flops_per_query.search) > 0 && cell.footprint.disk_bytes > 0);
    ok(sum(cell.flops_per_query.encoder!) > 0 === (cell.backend !== "bm25"));
    for (const file of Object.values(cell.run_files!)) { // what was written scores as what was measured
      const run = readRun(join(out, file));
      const { mean } = evaluateRun(run, qrels, ["RR@10", "R@1000"].map(parseMeasure), "run");
      deepStrictEqual([mean["RR@10"], mean["R@1000"]], [cell.mean["RR@10"], cell.mean["R@1000"]]);
    }
  }
  const settings = results.cells.filter(({ system }) => system === "bm25").map(({ options }) => options);
  deepStrictEqual(settings, [{ k1: 0.82, b: 0.68 }, { k1: 0.9, b: 0.4 }], "the options in effect, not those given");
  for (const dataset of ["demo-msmarco", "demo-car"]) {
    const value = (system: string) =>
      results.cells.find((c) => c.dataset === dataset && c.system === system)!.mean["RR@10"];
    ok(value("bm25") < 0.8, "BM25 does not solve the demo");
    ok(value("exhaustive") > value("bm25") + 0.05, "MaxSim beats BM25");
    ok(value("rerank:first=bm25") > value("bm25"), "so does re-ranking");
    ok(Math.abs(value("plaid") - value("exhaustive")) < 0.05, "PLAID is near");
    ok(Math.abs(value("faiss-ivfpq") - value("exhaustive")) < 0.01, "IVFPQ with exact scores is nearer");
  }
});

Deno.test("a second run reuses the store, and gives the same rankings byte by byte", async () => {
  using folder = temporaryFolder();
  const store = [
    "--store",
    join(folder.path, "store"),
    "--dataset",
    "demo-car",
    "--k",
    "50",
    "--backend",
    "exhaustive",
  ];
  const [one, two] = [join(folder.path, "one"), join(folder.path, "two")];
  strictEqual((await runCli("eval", [...store, "--out", one])).code, 0);
  const second = await runCli("eval", [...store, "--out", two, "--threads", "1"]);
  ok(!second.stderr.includes("encode"), "nothing is encoded again");
  for (const suffix of ["trec", "msmarco.tsv"]) {
    const name = `demo-car.hierarchical.exhaustive.run.${suffix}`;
    strictEqual(Deno.readTextFileSync(join(one, name)), Deno.readTextFileSync(join(two, name)));
  }
  const forced = await runCli("eval", [...store, "--out", two, "--force"]);
  match(forced.stderr, /encode demo-car/);
});

Deno.test("--json prints the results file, and --quiet nothing else; wasm and native kernels rank alike", async () => {
  using folder = temporaryFolder();
  const args = ["--store", join(folder.path, "store"), "--dataset", "demo-msmarco", "--backend", "exhaustive"];
  const values: Record<string, number>[] = [];
  for (const kernel of ["auto", "wasm", "reference"]) {
    const out = join(folder.path, kernel);
    const { code, stdout, stderr } = await runCli("eval", [
      ...args,
      "--out",
      out,
      "--json",
      "--quiet",
      "--kernel",
      kernel,
    ]);
    strictEqual(code, 0, stderr);
    strictEqual(stderr, "");
    deepStrictEqual(JSON.parse(stdout), JSON.parse(Deno.readTextFileSync(join(out, "results.json"))));
    const [cell] = JSON.parse(stdout).cells;
    if (kernel !== "auto") strictEqual(cell.kernel, kernel);
    values.push(cell.mean);
  }
  for (const other of values.slice(1)) {
    for (const [name, value] of Object.entries(values[0])) ok(Math.abs(other[name] - value) < 1e-3, name);
  }
});

Deno.test("a run killed while it encodes resumes, and ends as if it had not been killed", async () => {
  using folder = temporaryFolder();
  const lines = Array.from(
    { length: 3000 },
    (_, i) => `${i}\tpassage number ${i} about ${["tea", "bread", "ice"][i % 3]}\n`,
  );
  const files = { ...SMALL_DATASET, "c.tsv": lines.join(""), "q.tsv": "1\thot tea\n", qrels: "1 0 30 1\n" };
  for (const [name, content] of Object.entries(files)) folder.file(`data/${name}`, content);
  const run = (store: string) => [
    ...["--dataset", join(folder.path, "data"), "--backend", "exhaustive", "--latency", "off"],
    ...["--store", join(folder.path, store), "--out", join(folder.path, `${store}-out`)],
  ];
  const embeddings = join(folder.path, "killed", "embeddings");
  const child = startCli("eval", run("killed"));
  while (countShards(embeddings) < 1) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill("SIGKILL");
  await child.output();
  const before = countShards(embeddings);
  ok(before >= 1 && before < 3, `killed with ${before} of 3 shards`);
  const resumed = await runCli("eval", run("killed"));
  strictEqual(resumed.code, 0, resumed.stderr);
  match(resumed.stderr, new RegExp(`encode mine: ${before * 1024}/3000 passages`));
  strictEqual((await runCli("eval", run("whole"))).code, 0);
  const name = "mine.all.exhaustive.run.trec";
  strictEqual(
    Deno.readTextFileSync(join(folder.path, "killed-out", name)),
    Deno.readTextFileSync(join(folder.path, "whole-out", name)),
  );
});

function countShards(embeddings: string): number {
  try {
    return [...Deno.readDirSync(embeddings)].filter(({ isDirectory }) => isDirectory).flatMap(({ name }) => {
      return [...Deno.readDirSync(join(embeddings, name))].filter((entry) => /^shard-\d+\.json$/.test(entry.name));
    }).length;
  } catch {
    return 0;
  }
}

Deno.test("--resume keeps measured cells of the same settings only", async () => {
  using folder = temporaryFolder();
  const args = ["--dataset", "demo-msmarco", "--store", join(folder.path, "s"), "--out", join(folder.path, "o")];
  strictEqual((await runCli("eval", [...args, "--backend", "bm25"])).code, 0);
  const again = await runCli("eval", [...args, "--backend", "bm25", "--backend", "bm25:k1=2", "--resume"]);
  ok(!again.stderr.includes("with bm25: "), "plain bm25 is not searched again");
  match(again.stderr, /with bm25:k1=2/);
  const deeper = await runCli("eval", [...args, "--backend", "bm25", "--resume", "--k", "20"]);
  match(deeper.stderr, /with bm25: /);
});

Deno.test("re-ranking from texts, from a run file and from the data set's candidates", async () => {
  using folder = temporaryFolder();
  const source = fromFileUrl(new URL("../../datasets/demo/msmarco/", import.meta.url));
  for (const name of ["collection.tsv", "queries.tsv", "qrels.txt"]) {
    folder.file(`d/${name}`, Deno.readTextFileSync(join(source, name)));
  }
  const qrels = readQrels(join(source, "qrels.txt"));
  const run = [...qrels].map(([qid, judged]) =>
    [...judged.keys()].map((pid, i) => `${qid} Q0 ${pid} ${i + 1} ${-i} x\n`).join("")
  );
  const file = folder.file("d/candidates.run", run.join(""));
  const yaml = Deno.readTextFileSync(join(source, "dataset.yaml"));
  folder.file("d/dataset.yaml", yaml + "    candidates: { file: candidates.run, format: trec }\n");
  const specs = ["rerank:first=candidates", `rerank:first=${file}`, "rerank:first=candidates,vectors=text"];
  const { code, stdout, stderr } = await runCli("eval", [
    ...[
      "--dataset",
      join(folder.path, "d"),
      "--store",
      join(folder.path, "s"),
      "--out",
      join(folder.path, "o"),
      "--json",
    ],
    ...specs.flatMap((spec) => ["--backend", spec]),
  ]);
  strictEqual(code, 0, stderr);
  const cells: { system: string; backend: string | null; mean: Record<string, number> }[] = JSON.parse(stdout).cells;
  strictEqual(cells[0].system, "candidates(candidates.run)");
  strictEqual(cells[0].backend, null);
  const [given, listed, fromFile, fromText] = cells.map(({ mean }) => mean["nDCG@10"]);
  strictEqual(listed, fromFile);
  ok(Math.abs(listed - fromText) < 0.02, "encoded on the fly, in other batches");
  ok(listed > 0.5 && listed !== given, `${listed} and ${given}`);
});

function sum({ float, integer }: { readonly float: number; readonly integer: number }): number {
  return float + integer;
}
