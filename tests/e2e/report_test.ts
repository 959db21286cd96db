import { deepStrictEqual, doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { readResults } from "../../eval/results/read.ts";
import { isFile } from "../../support/paths.ts";
import { runProgram } from "../../support/run_program.ts";
import { largeResults } from "../fixtures/large_results.ts";
import { SMALL_DATASET } from "../fixtures/small_dataset.ts";
import { showcaseResults } from "../fixtures/showcase_results.ts";
import { type TemporaryFolder, temporaryFolder } from "../fixtures/temporary.ts";
import { runCli, startCli } from "./cli.ts";

/** Two runs below one folder. */
function twoRuns(): TemporaryFolder {
  const folder = temporaryFolder();
  for (const name of ["a", "b"]) folder.file(`runs/${name}/results.json`, JSON.stringify(showcaseResults()));
  return folder;
}

Deno.test("deno task report: one page of several files, every format, presets", async () => {
  using folder = twoRuns();
  const [a, b] = ["a", "b"].map((name) => join(folder.path, "runs", name));
  const page = join(folder.path, "both.html");
  strictEqual((await runCli("report", [a, b, "--out", page])).code, 0);
  match(Deno.readTextFileSync(page), /plaid \[a\][\s\S]*plaid \[b\]/);
  for (const [format, start] of [["latex", "% \\usepackage"], ["markdown", "### tiny"], ["csv", "dataset,"]]) {
    const { stdout, code } = await runCli("report", [a, "--format", format]);
    strictEqual(code, 0);
    ok(stdout.startsWith(start), stdout.slice(0, 80));
  }
  const preset = await runCli("report", [a, "--preset", "sigir20-table2", "--format", "markdown"]);
  match(preset.stdout, /docTTTTTquery[\s\S]*measured[\s\S]*plaid/);
  strictEqual((await runCli("report", [a, "--preset", "sigir20-figure1"])).code, 0);
  ok(isFile(join(a, "sigir20-figure1.html")));
});

Deno.test("deno task report: wrong usage and missing files are one line", async () => {
  using folder = twoRuns();
  const cases: [number, string, ...string[]][] = [
    [1, "at least one results file"],
    [1, "known are html", folder.path, "--format", "pdf"],
    [1, "sigir20-table1", join(folder.path, "runs", "a"), "--preset", "nothing"],
    [2, "results.json", folder.path],
    [2, "no folder", join(folder.path, "nowhere"), "--site", folder.path],
    [1, "--system", join(folder.path, "runs", "a"), "--format", "msmarco"],
  ];
  for (const [code, words, ...args] of cases) {
    const result = await runCli("report", args);
    strictEqual(result.code, code, result.stderr);
    ok(result.stderr.includes(words) && result.stderr.trim().split("\n").length === 1, result.stderr);
  }
});

Deno.test("deno task report: 6,980 queries × 10 systems in below 560 MB", async () => {
  using folder = temporaryFolder();
  folder.file("results.json", JSON.stringify(largeResults(6980, 10), null, 1));
  const child = startCli("report", [folder.path]);
  let most = 0;
  const watch = setInterval(() => {
    try { // only Linux has it
      const [, kilobytes] = /VmHWM:\s*(\d+) kB/.exec(Deno.readTextFileSync(`/proc/${child.pid}/status`)) ?? [];
      most = Math.max(most, Number(kilobytes ?? 0) * 1024);
    } catch { /* over, or not known here */ }
  }, 5);
  const { code } = await child.output();
  clearInterval(watch);
  strictEqual(code, 0);
  ok(most < 560e6, `${most} bytes`); // 445 to 520 MB were seen: it depends on when garbage is collected
});

Deno.test("deno task report --site writes pages that a second run does not change", async () => {
  using folder = twoRuns();
  const site = join(folder.path, "site");
  const write = async () => {
    const { code, stderr } = await runCli("report", [join(folder.path, "runs"), "--site", site]);
    strictEqual(code, 0, stderr);
    return [...Deno.readDirSync(site)].map(({ name }) => [name, Deno.readTextFileSync(join(site, name))]).sort();
  };
  const pages = await write();
  ok(pages.length >= 8);
  deepStrictEqual(await write(), pages);
});

Deno.test("deno task report --site: a run that goes on has its partial results, one that died those of before", async () => {
  using folder = twoRuns();
  const status = (updated: Date) => ({
    format: "latebench-status",
    command: ["eval"],
    started: "2026-01-01T00:00:00.000Z",
    updated: updated.toISOString(),
    cells: [{ dataset: "tiny", system: "plaid", state: "running", seconds: 1, job: null, error: null }],
  });
  const front = async () => {
    const site = join(folder.path, "site");
    strictEqual((await runCli("report", [join(folder.path, "runs"), "--site", site])).code, 0);
    return Deno.readTextFileSync(join(site, "index.html"));
  };
  folder.file("runs/b/status.json", JSON.stringify(status(new Date(Date.now() - 3_600_000))));
  doesNotMatch(await front(), /Running: b/);
  folder.file("runs/b/status.json", JSON.stringify(status(new Date())));
  const page = await front(); // b has no partial results yet
  match(page, /Running: b[\s\S]*0 of 1 cells done/);
  doesNotMatch(page, /runs-b\.html/);
});

Deno.test("deno task report --serve: the front page, a run's page, and what is not there", async () => {
  using folder = twoRuns();
  const port = 20_000 + Deno.pid % 20_000;
  const server = startCli("report", [join(folder.path, "runs"), "--serve", "--port", String(port)]);
  try {
    const get = (path: string) => fetch(`http://localhost:${port}/${path}`);
    let front: Response | null = null;
    for (let attempt = 0; attempt < 100 && !front; attempt++) {
      front = await get("").catch(() => null);
      if (!front) await new Promise((resolve) => setTimeout(resolve, 100));
    }
    match(await front!.text(), /runs-a\.html/);
    folder.file("runs/c/results.json", JSON.stringify(showcaseResults()));
    match(await (await get("")).text(), /runs-c\.html/, "results that came in between");
    const run = await get("runs-b.html");
    match(await run.text(), /How these figures were made/);
    const missing = await get("nothing.html");
    await missing.body?.cancel();
    strictEqual(missing.status, 404);
  } finally {
    server.kill();
    await server.output();
  }
});

Deno.test("deno task report --format msmarco: packed rankings and exactly the leaderboard's fields", async () => {
  using folder = temporaryFolder();
  const results = showcaseResults();
  results.cells[0].run_files = { trec: "run.trec", msmarco: "run.tsv" };
  const good = "1 Q0 7 1 2.5 t\n1 Q0 9 2 1.5 t\n";
  folder.file("run/results.json", JSON.stringify({ ...results, cells: [results.cells[0]] }));
  folder.file("run/run.trec", good);
  const options = [
    "--system",
    "exhaustive",
    "--id",
    "20260102-late",
    "--team",
    "We",
    "--out",
    join(folder.path, "out"),
  ];
  const write = () => runCli("report", [join(folder.path, "run"), "--format", "msmarco", ...options]);
  const { code, stderr } = await write();
  strictEqual(code, 0, stderr);
  const packed = join(folder.path, "out/submissions/20260102-late/dev.txt.bz2");
  strictEqual((await runProgram("bzip2", ["-dc", packed])).output, "1\t7\t1\n1\t9\t2\n");
  deepStrictEqual(JSON.parse(Deno.readTextFileSync(join(folder.path, "out/submissions/20260102-late-metadata.json"))), {
    team: "We",
    model_description: "exhaustive",
    paper: "",
    code: "",
    type: "full ranking",
  });
  folder.file("run/run.trec", good.replace(" 9 ", " nine "));
  const refused = await write();
  strictEqual(refused.code, 2);
  match(refused.stderr, /passage id "nine"/);
});

Deno.test("a running evaluation tells how far it is, and leaves whole results alone", async () => {
  using folder = temporaryFolder();
  for (const [name, content] of Object.entries(SMALL_DATASET)) folder.file(name, content);
  const out = join(folder.path, "out");
  const run = startCli("eval", [
    "--dataset",
    folder.path,
    "--backend",
    "bm25",
    "--backend",
    "bm25:b=0.1",
    "--out",
    out,
  ]);
  const states = new Set<string>();
  const watch = setInterval(() => {
    try {
      const { format, cells } = JSON.parse(Deno.readTextFileSync(join(out, "status.json")));
      states.add(`${format}: ${cells.map(({ system }: { system: string }) => system)}`);
    } catch { /* not there at this moment */ }
  }, 2);
  const { code, stderr } = await run.output();
  clearInterval(watch);
  const lines = new TextDecoder().decode(stderr);
  strictEqual(code, 0, lines);
  deepStrictEqual([...states], ["latebench-status: bm25,bm25:b=0.1"]);
  match(lines, /cell 1 of 2: bm25 on mine done in \d s\n[\s\S]*cell 2 of 2: bm25:b=0\.1 on mine done in \d s/);
  strictEqual(readResults(join(out, "results.json")).cells.length, 2);
  deepStrictEqual(["status.json", "partial.json"].map((name) => isFile(join(out, name))), [false, false]);
});

const script = await runProgram("which", ["script"]);

Deno.test({
  name: `on a terminal, cells are a live table${script.ok ? "" : " (skipped: no program `script` here)"}`,
  ignore: !script.ok,
  async fn() {
    using folder = temporaryFolder();
    for (const [name, content] of Object.entries(SMALL_DATASET)) folder.file(name, content);
    const log = join(folder.path, "log");
    const out = join(folder.path, "out");
    const task =
      `'${Deno.execPath()}' run --allow-all main.ts eval --dataset '${folder.path}' --backend bm25 --out '${out}'`;
    const { ok: done } = await runProgram("script", ["-qec", `stty rows 30 cols 120; ${task}`, log]);
    ok(done);
    const drawn = Deno.readTextFileSync(log);
    match(drawn, /data set .* system .* state/);
    match(drawn, /mine .* bm25 .* done/);
    match(drawn, /1 of 1 cells over/);
    ok(!drawn.includes("cell 1 of 1"), "no plain lines beside the table");
  },
});
