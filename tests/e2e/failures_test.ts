import { doesNotMatch, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { main } from "../../main.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";
import { runCli } from "./cli.ts";

/** Names that every object has. */
const INHERITED = ["constructor", "toString", "valueOf", "__proto__", "hasOwnProperty"];

/** What a command line says on standard error, in this process. */
async function errorsOf(args: readonly string[]): Promise<{ code: number; stderr: string }> {
  const lines: string[] = [];
  const { error } = console;
  console.error = (...parts) => void lines.push(parts.map((part) => part?.stack ?? String(part)).join(" "));
  try {
    return { code: await main(args), stderr: lines.join("\n") };
  } finally {
    console.error = error;
  }
}

Deno.test("names that every object has are no data sets, benchmarks, measures, presets, forms", async () => {
  using folder = temporaryFolder();
  const run = folder.file("run", "1 Q0 a 1 2 x\n");
  const qrels = folder.file("qrels", "1 0 a 1\n");
  const metrics = ["metrics", "--qrels", qrels, "--run", run];
  for (const name of INHERITED) {
    const lines = [
      ["eval", "--dataset", name],
      ["eval", "--backend", name],
      ["eval", "--backend", `bm25:${name}=1`],
      ["bench", name],
      ["data", "show", name, "x"],
      ["data", "info", name],
      ["data", "fetch", name],
      [...metrics, "-m", name],
      [...metrics, "-m", `${name}@10`],
      [...metrics, "--order", name],
      [...metrics, "--compat", name],
      [...metrics, "--compat", "trec_eval@9", "-m", name],
      ["report", run, "--preset", name],
      ["report", run, "--format", name],
    ];
    for (const line of lines) {
      const { code, stderr } = await errorsOf(line);
      ok(code === 1 || code === 2, `${line.join(" ")}: ${code}`);
      doesNotMatch(stderr, /unexpected|\n/, line.join(" "));
    }
  }
});

Deno.test("a score of many digits is a bad score", async () => {
  using folder = temporaryFolder();
  const run = folder.file("run", `1 Q0 a 1 ${"9".repeat(200_000)} x\n`);
  const { code, stderr } = await errorsOf(["metrics", "--qrels", folder.file("q", "1 0 a 1\n"), "--run", run]);
  strictEqual(code, 2);
  match(stderr, /run:1: found .*finite score/);
});

Deno.test("what the system refuses is one line; --debug shows where in the program", async () => {
  const args = ["search", "--index", "\u0000", "why"];
  const plain = await errorsOf(args);
  strictEqual(plain.code, 2);
  match(plain.stderr, /^latebench: [^\n]+$/);
  const traced = await errorsOf([...args, "--debug"]);
  strictEqual(traced.code, 2);
  match(traced.stderr, /^latebench: [^\n]+\n[^]*\n\s+at /);
});

Deno.test("ports that there are not, or that are taken, are one line", async () => {
  using folder = temporaryFolder();
  for (const port of ["65536", "99999999999999999999"]) {
    const { code, stderr } = await errorsOf(["report", folder.path, "--serve", "--port", port]);
    strictEqual(code, 1);
    match(stderr, /^latebench: --port \d+: at most 65535 is possible$/);
  }
  using taken = Deno.listen({ hostname: "localhost", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  const { code, stderr } = await errorsOf(["report", folder.path, "--serve", "--port", String(port)]);
  strictEqual(code, 2);
  match(stderr, new RegExp(`^latebench: port ${port} is taken[^\n]*$`));
});

Deno.test("as a process: every help names --debug, and a trace is shown when asked for", async () => {
  const help = await runCli("metrics", ["--help"]);
  match(help.stdout, /--debug/);
  const { code, stderr } = await runCli("metrics", ["--run", "/none", "--qrels", "/none", "--debug"]);
  strictEqual(code, 2);
  match(stderr, /no such file[^]*\n\s+at /);
});

Deno.test("a temporary folder that is not there is one line", async () => {
  using folder = temporaryFolder();
  const config = folder.file("c.yaml", "datasets: [demo-car]\nbackends: [bm25]\n");
  const { code, stderr } = await runCli("eval", ["--config", config, "--dry-run", "--quiet"], {
    TMPDIR: join(folder.path, "gone"),
  });
  strictEqual(code, 2, stderr);
  match(stderr, /^latebench: no temporary folder [^\n]*TMPDIR[^\n]*\n$/);
});
