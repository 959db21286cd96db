import { match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { readResults } from "../../eval/results/read.ts";
import { isFile } from "../../support/paths.ts";
import { withCompiled } from "../fixtures/store.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";
import { runCli } from "./cli.ts";

const CELLS = `
datasets: [demo-msmarco, nowhere]
encoders: [builtin, "builtin:dim=32"]
backends:
  - bm25
  - { backend: exhaustive, grid: { guide: [int8, none] } }
options: { k: 20, latency: off }
`;

Deno.test("a configuration runs its cells, goes on after failures, and is a gate", async () => {
  using folder = temporaryFolder();
  const store = withCompiled(join(folder.path, "store"));
  const run = (config: string, ...args: string[]) => {
    return runCli("eval", ["--config", folder.file("cells.yaml", config), "--store", store, "--quiet", ...args]);
  };
  const out = join(folder.path, "out");
  const failed = await run(CELLS, "--out", out);
  strictEqual(failed.code, 2, failed.stderr);
  match(failed.stderr, /failed: nowhere, bm25: --dataset nowhere/);
  const whole = readResults(join(out, "builtin", "results.json"));
  const short = readResults(join(out, "builtin_dim=32", "results.json"));
  const systems = ["exhaustive:guide=int8", "exhaustive:guide=none"];
  strictEqual(whole.cells.map(({ system }) => system).join(), ["bm25", ...systems].join(), "bm25 needs no encoder");
  strictEqual(short.cells.map(({ system }) => system).join(), systems.join());
  ok(isFile(join(out, "builtin", `${whole.cells[0].run_files!.trec}.meta.yaml`)));

  const value = whole.cells[1].mean["RR@10"];
  const expect = (cells: string, limits: string) =>
    `${CELLS}expect:\n  - { cells: "${cells}", figure: MRR@10, ${limits} }\n`;
  const only = ["--only", "demo-msmarco/*", "--resume", "--out", out];
  const kept = await run(expect("*/builtin/exhaustive*", `value: ${value}`), ...only);
  strictEqual(kept.code, 0, kept.stderr);
  match(kept.stderr, /2 figures compared with what is expected, 0 broken/);
  const broken = await run(expect("*/builtin/exhaustive*", `value: ${value + 0.01}`), ...only);
  strictEqual(broken.code, 3);
  match(
    broken.stderr,
    /expectation broken: demo-msmarco\/builtin\/exhaustive:guide=int8, questions: RR@10 is 0\.\d+, expected/,
  );

  const dry = await run(CELLS, "--dry-run", "--only", "*/builtin/exhaustive:guide=none");
  strictEqual(dry.code, 2, "a data set that cannot be opened cannot be estimated");
  const one = await run(CELLS, "--dry-run", "--only", "demo-msmarco/builtin/exhaustive:guide=none");
  match(
    one.stdout,
    /^demo-msmarco\/builtin\/exhaustive:guide=none: \d+ s \(encode \d+ s, build \d+ s, search \d+ s\), [\d.]+ MiB\n1 cells/,
  );
});

Deno.test("a configuration that is wrong is told in one line", async () => {
  using folder = temporaryFolder();
  const run = (config: string, ...args: string[]) =>
    runCli("eval", ["--config", folder.file("c.yaml", config), ...args]);
  const cases: [string, string[], number, RegExp][] = [
    ["datasets: [demo-car]\n", [], 2, /c\.yaml: found backends: .+ expected a configuration of cells/],
    ["datasets: [demo-car]\nbackends: [bm25]\nbackend: [x]\n", [], 2, /c\.yaml: found .*backend/],
    ["datasets: [a\n", [], 2, /c\.yaml:\d+: found/],
    ["datasets: [demo-car]\nbackends: [{ backend: bm25, grid: { k9: [1] } }]\n", [], 1, /bm25 has no option k9/],
    ["datasets: [demo-car]\nbackends: [bm25]\n", ["--only", "plaid*"], 1, /--only plaid\*: none of demo-car\/-\/bm25/],
    ["datasets: [demo-car]\nbackends: [bm25]\noptions: { kk: 3 }\n", [], 1, /kk/],
    [
      "datasets: [demo-car]\nbackends: [bm25]\n",
      ["--backend", "plaid"],
      1,
      /--config and --backend exclude each other/,
    ],
    [
      "datasets: [demo-car]\nbackends: [bm25]\nexpect: [{ cells: x, figure: AP }]\n",
      [],
      2,
      /one of value, at_least, at_most/,
    ],
  ];
  for (const [config, args, code, message] of cases) {
    const found = await run(config, ...args);
    strictEqual(found.code, code, found.stderr);
    match(found.stderr, message);
  }
});
