import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { readResults } from "../../eval/results/read.ts";
import { isFile } from "../../support/paths.ts";
import { realFaiss } from "../fixtures/real_faiss.ts";
import { SMALL_DATASET } from "../fixtures/small_dataset.ts";
import { withCompiled } from "../fixtures/store.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";
import { runCli } from "./cli.ts";

const faiss = realFaiss();

function smallDataset(folder: ReturnType<typeof temporaryFolder>): string {
  const path = join(folder.path, "data");
  Deno.mkdirSync(path);
  for (const [name, content] of Object.entries(SMALL_DATASET)) Deno.writeTextFileSync(join(path, name), content);
  return path;
}

/** Neither programs nor a network: as in a container that has nothing. */
function nothing(folder: string): Record<string, string> {
  const empty = join(folder, "bin");
  Deno.mkdirSync(empty, { recursive: true });
  const nowhere = "http://127.0.0.1:9";
  return { PATH: empty, HTTPS_PROXY: nowhere, HTTP_PROXY: nowhere };
}

Deno.test("without FAISS, compiler and network faiss-ivfpq runs on its own engine and says so once", async () => {
  using folder = temporaryFolder();
  const dataset = smallDataset(folder);
  const evaluate = (backend: string) => {
    const where = ["--out", join(folder.path, "out"), "--store", join(folder.path, "s")];
    return runCli("eval", ["--dataset", dataset, "--backend", backend, ...where], nothing(folder.path));
  };
  const { code, stderr } = await evaluate("faiss-ivfpq");
  strictEqual(code, 0, stderr);
  const lines = stderr.split("\n").filter((line) => line.includes("FAISS"));
  strictEqual(lines.length, 1, stderr);
  match(
    lines[0],
    /^FAISS is not available \(none was set up in .+\): faiss-ivfpq uses its built-in IVFPQ; `deno task setup` gets FAISS$/,
  );
  const [{ options }] = readResults(join(folder.path, "out", "results.json")).cells;
  strictEqual(options.engine, "builtin");

  const asked = await evaluate("faiss-ivfpq:engine=faiss");
  strictEqual(asked.code, 4, asked.stderr);
  match(asked.stderr, /faiss-ivfpq:engine=faiss: none was set up in .+; `deno task setup` gets FAISS/);
});

Deno.test(
  { name: "an index of FAISS is searched by the built-in engine where FAISS is not set up", ignore: !faiss },
  async () => {
    using folder = temporaryFolder();
    const index = join(folder.path, "index");
    const passages = Array.from({ length: 40 }, (_, i) => `d${i}\tpassage ${i} of forty\n`);
    const collection = folder.file("c.tsv", passages.join(""));
    const [set, bare] = [withCompiled(join(folder.path, "set")), join(folder.path, "bare")];
    const build = ["--collection", collection, "--backend", "faiss-ivfpq", "--index", index, "--store", set, "--quiet"];
    const built = await runCli("index", build);
    strictEqual(built.code, 0, built.stderr);
    const search = async (store: string, engine: RegExp, env: Record<string, string> = {}) => {
      const args = ["--index", index, "--explain", "--json", "passage 7", "--store", store];
      const { code, stdout, stderr } = await runCli("search", args, env);
      strictEqual(code, 0, stderr);
      const { hits, settings } = JSON.parse(stdout);
      match(settings.engine, engine);
      return hits.map(({ id }: { id: string }) => id); // without a compiler another kernel rounds the scores
    };
    const tools = recordingTools(folder.path);
    deepStrictEqual(await search(bare, /^builtin$/, tools.env), await search(set, /^FAISS/));
    deepStrictEqual(tools.called(), [], "nothing was asked to install or compile FAISS");
  },
);

Deno.test("what opens an index asks no package manager, and no compiler for FAISS", async () => {
  using folder = temporaryFolder();
  const dataset = smallDataset(folder);
  const { env, called } = recordingTools(folder.path);
  const at = (name: string) => join(folder.path, name);
  const store = ["--store", at("store")];
  const collection = ["--collection", join(dataset, "c.tsv")];
  const commands: readonly (readonly [number, ...string[]])[] = [
    [0, "eval", "--dataset", dataset, "--backend", "faiss-ivfpq", "--out", at("out"), ...store],
    [4, "eval", "--dataset", dataset, "--backend", "faiss-ivfpq:engine=faiss", "--out", at("out"), ...store],
    [0, "index", ...collection, "--backend", "faiss-ivfpq", "--index", at("index"), ...store],
    [0, "search", "--index", at("index"), "one", ...store],
    [0, "v1", "index", ...collection, "--index", at("v1"), ...store],
    [4, "v1", "index-faiss", "--index", at("v1"), "--engine", "faiss", ...store],
    [0, "doctor", ...store],
    [4, "setup", "--check", ...store],
  ];
  for (const [expected, task, ...args] of commands) {
    const { code, stderr } = await runCli(task, args, env);
    strictEqual(code, expected, `${task} ${args.join(" ")}: ${stderr}`);
  }
  deepStrictEqual(called(), []);
  const missing = await runCli("setup", ["faiss", "--no-install", ...store], env);
  strictEqual(missing.code, 4, missing.stderr);
  match(missing.stdout, /^missing\s+FAISS: .+; faiss-ivfpq uses its built-in IVFPQ\n$/);
  ok(called().length > 0, "setup may");
  strictEqual((await runCli("setup", ["faiss", "kernel"])).code, 1);
});

/** Programs that would install or compile FAISS: they fail, and tell how they were called. `cc` is missing. */
function recordingTools(folder: string) {
  const bin = join(folder, "tools");
  const log = join(folder, "calls");
  Deno.mkdirSync(bin, { recursive: true });
  for (const name of ["apt-get", "c++"]) {
    Deno.writeTextFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >> ${log}\nexit 1\n`, { mode: 0o755 });
  }
  const nowhere = "http://127.0.0.1:9";
  return {
    env: { PATH: bin, HTTPS_PROXY: nowhere, HTTP_PROXY: nowhere },
    called: () => isFile(log) ? Deno.readTextFileSync(log).trim().split("\n") : [],
  };
}
