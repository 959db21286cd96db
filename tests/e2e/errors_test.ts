import { ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { SMALL_DATASET } from "../fixtures/small_dataset.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";
import { runCli } from "./cli.ts";

const YAML = SMALL_DATASET["dataset.yaml"];

/** Name, what differs from a good data set, and what the one line must hold. */
const BAD_DATA: readonly (readonly [string, Readonly<Record<string, string | Uint8Array>>, ...string[]])[] = [
  ["malformed TSV", { "c.tsv": "a\tone\nbroken\n" }, "c.tsv:2", "1 columns"],
  ["invalid UTF-8", { "c.tsv": Uint8Array.of(97, 9, 0xff, 10) }, "c.tsv:1", "UTF-8"],
  ["unknown query in the judgements", { qrels: "7 0 b 1\n" }, '"7"'],
  ["unknown relevant passage in the judgements", { qrels: "1 0 zzz 1\n" }, '"zzz"'],
  ["a passage id twice", { "c.tsv": "a\tone\na\ttwo\nb\tx\n" }, '"a" twice'],
  ["unknown measure", { "dataset.yaml": YAML.replace("RR@10", "Magic@10") }, "Magic@10"],
  ["missing file", { "dataset.yaml": YAML.replace("c.tsv", "gone.tsv") }, "gone.tsv", "no such file"],
];

for (const [name, change, ...parts] of BAD_DATA) {
  Deno.test(`eval, bad input: ${name}`, async () => {
    using folder = temporaryFolder();
    for (const [file, content] of Object.entries({ ...SMALL_DATASET, ...change })) folder.file(`d/${file}`, content);
    const args = [
      "--dataset",
      join(folder.path, "d"),
      "--store",
      join(folder.path, "s"),
      "--out",
      join(folder.path, "o"),
    ];
    const { code, stderr, stdout } = await runCli("eval", [...args, "--backend", "exhaustive", "--quiet"]);
    strictEqual(stdout, "");
    strictEqual(stderr.trimEnd().split("\n").length, 1, stderr);
    for (const part of ["latebench: ", ...parts]) ok(stderr.includes(part), `${stderr} lacks ${part}`);
    strictEqual(code, 2);
  });
}

/** Command lines that are wrong, and what the one line must hold. */
const BAD_USAGE: readonly (readonly [number, string, readonly string[], ...string[]])[] = [
  [1, "eval", ["--frobnicate"], "--frobnicate"],
  [1, "eval", ["--k", "0"], "--k 0"],
  [1, "eval", ["--latency", "slow"], "quick"],
  [1, "eval", ["--backend", "plaidish"], "unknown backend plaidish", "exhaustive"],
  [1, "eval", ["--backend", "bm25:k3=1"], "no option k3", "k1, b"],
  [1, "eval", ["--backend", "bm25:b=2"], "b:"],
  [1, "eval", ["--resume", "--force"], "exclude"],
  [2, "eval", ["--dataset", "nowhere"], "demo-msmarco"],
  [2, "eval", ["--encoder", "/nowhere", "--quiet"], "/nowhere"],
  [2, "eval", ["--encoder", "hf:nobody", "--quiet"], "owner/name"],
  [1, "metrics", ["--run", "x"], "--qrels"],
  [2, "metrics", ["--run", "/none", "--qrels", "/none"], "/none"],
  [1, "report", [], "results file"],
  [2, "report", ["/none.json"], "/none.json"],
];

Deno.test("wrong command lines are one clear line with the right exit code", async () => {
  await Promise.all(BAD_USAGE.map(async ([exitCode, task, args, ...parts]) => {
    const { code, stderr } = await runCli(task, args);
    strictEqual(stderr.trimEnd().split("\n").length, 1, stderr);
    for (const part of parts) ok(stderr.includes(part), `${stderr} lacks ${part}`);
    strictEqual(code, exitCode, args.join(" "));
  }));
});

Deno.test("an index whose vectors another encoder made does not open", async () => {
  // The contract tests hold this for every backend; here an artefact is put in the place of another one.
  using folder = temporaryFolder();
  const store = join(folder.path, "s");
  const args = [
    "--dataset",
    "demo-car",
    "--store",
    store,
    "--out",
    join(folder.path, "o"),
    "--backend",
    "exhaustive",
    "--quiet",
  ];
  strictEqual((await runCli("eval", args)).code, 0);
  const [index] = [...Deno.readDirSync(join(store, "indexes"))].filter(({ isDirectory }) => isDirectory);
  const header = join(store, "indexes", index.name, "vectors", "embeddings.json");
  const other = JSON.parse(Deno.readTextFileSync(header));
  Deno.removeSync(header);
  Deno.writeTextFileSync(header, JSON.stringify({ ...other, encoder_hash: "other", seal: undefined }));
  const { code, stderr } = await runCli("eval", args);
  strictEqual(code, 2);
  ok(stderr.includes("vectors of encoder") && stderr.trimEnd().split("\n").length === 1, stderr);
});

Deno.test("without a C compiler the WASM kernel runs, and says so; --kernel native is not available", async () => {
  using folder = temporaryFolder();
  const args = ["--dataset", "demo-car", "--store", join(folder.path, "s"), "--out", join(folder.path, "o")];
  const bare = { PATH: folder.path };
  const auto = await runCli("eval", [...args, "--backend", "exhaustive", "--latency", "off"], bare);
  strictEqual(auto.code, 0, auto.stderr);
  ok(
    auto.stderr.includes("native kernel not available (no C compiler (cc) that may be run); using wasm\n"),
    auto.stderr,
  );
  const native = await runCli("eval", [...args, "--kernel", "native"], bare);
  strictEqual(native.code, 4);
  ok(native.stderr.endsWith("latebench: --kernel native: no C compiler (cc) that may be run\n"), native.stderr);
});
