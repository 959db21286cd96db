import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { temporaryFolder } from "../fixtures/temporary.ts";
import { runCli } from "./cli.ts";

const OWN = {
  "docs.jsonl": '{"id": "a", "title": "Tea", "text": "how to brew tea"}\n{"id": "b", "text": "bread needs time"}\n',
  "topics.tsv": "1\tbrewing tea\n2\tbread\n",
  "qrels.txt": "1 0 a 1\n2 0 b 1\n",
};

Deno.test("eval takes a data set of three files, and of two without judgements", async () => {
  using folder = temporaryFolder();
  for (const [name, content] of Object.entries(OWN)) folder.file(name, content);
  const file = (name: string) => join(folder.path, name);
  const args = [
    ...["--collection", file("docs.jsonl"), "--queries", file("topics.tsv"), "--backend", "bm25", "--quiet"],
    ...["--store", file("store")],
  ];
  const judged = await runCli("eval", [...args, "--qrels", file("qrels.txt"), "--out", file("judged"), "--json"]);
  strictEqual(judged.code, 0, judged.stderr);
  strictEqual(JSON.parse(judged.stdout).cells[0].mean["RR@10"], 1);

  const plain = await runCli("eval", [...args, "--out", file("plain")]);
  strictEqual(plain.code, 0, plain.stderr);
  match(plain.stdout, /no public judgements: rankings only/);
  const submission = Deno.readTextFileSync(file("plain/docs.topics.bm25.run.msmarco.tsv"));
  deepStrictEqual(submission.trimEnd().split("\n"), ["1\ta\t1", "2\tb\t1"]);
  strictEqual((await runCli("eval", ["--collection", file("docs.jsonl")])).code, 1);
});

Deno.test("data init writes a description that eval can use", async () => {
  using folder = temporaryFolder();
  for (const [name, content] of Object.entries(OWN)) folder.file(`own/${name}`, content);
  const own = join(folder.path, "own");
  const { code, stdout, stderr } = await runCli("data", ["init", own]);
  strictEqual(code, 0, stderr);
  match(stdout, /docs\.jsonl/);
  strictEqual((await runCli("data", ["init", own])).code, 2); // there is one now
  const results = await runCli("eval", [
    ...["--dataset", own, "--backend", "bm25", "--quiet", "--json"],
    ...["--store", join(folder.path, "s"), "--out", join(folder.path, "o")],
  ]);
  strictEqual(JSON.parse(results.stdout).cells[0].mean["RR@10"], 1);
  folder.file("odd/readme.md", "nothing");
  const odd = await runCli("data", ["init", join(folder.path, "odd")]);
  strictEqual(odd.code, 2);
  match(odd.stderr, /0 files that may be the queries/);
});

Deno.test("data list, info and verify say what is there", async () => {
  using folder = temporaryFolder();
  folder.file("beir/scifact/corpus.jsonl", "{}");
  const dir = ["--data-dir", folder.path];
  const list = await runCli("data", ["list", ...dir]);
  const states = new Map(
    list.stdout.trimEnd().split("\n").map((line) => line.split("\t")).map(([id, state]) => [id, state]),
  );
  strictEqual(states.get("demo-car"), "built in");
  strictEqual(states.get("msmarco-passage/dev.small"), "absent");
  ok(states.size > 50);
  const files = await runCli("data", ["list", "--files", ...dir]);
  strictEqual(files.stdout.trimEnd().split("\n").length, 39);
  match((await runCli("data", ["info", "car/test200"])).stdout, /a7d8ea41f933b2ef49f06d782e908d13/);
  const verify = await runCli("data", ["verify", "beir/scifact", ...dir]);
  strictEqual(verify.code, 2);
  strictEqual(verify.stdout, "beir/scifact\tabsent\tscifact/queries.jsonl\n");
  strictEqual((await runCli("data", ["fetch", "nothing/here", ...dir])).code, 2);
  strictEqual((await runCli("data", [])).code, 1);
});
