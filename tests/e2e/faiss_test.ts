import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { readResults } from "../../eval/results/read.ts";
import { realFaiss } from "../fixtures/real_faiss.ts";
import { SMALL_DATASET } from "../fixtures/small_dataset.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";
import { runCli } from "./cli.ts";

const faiss = await realFaiss();

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
    /^FAISS is not available \(.+\): faiss-ivfpq uses its built-in IVFPQ; to get FAISS: apt-get install /,
  );
  const [{ options }] = readResults(join(folder.path, "out", "results.json")).cells;
  strictEqual(options.engine, "builtin");

  const asked = await evaluate("faiss-ivfpq:engine=faiss");
  strictEqual(asked.code, 4, asked.stderr);
  match(asked.stderr, /faiss-ivfpq:engine=faiss: .+ to get FAISS/);
});

Deno.test(
  { name: "FAISS's index is searched by the built-in engine where FAISS is gone", ignore: !faiss },
  async () => {
    using folder = temporaryFolder();
    const index = join(folder.path, "index");
    const collection = folder.file(
      "c.tsv",
      Array.from({ length: 40 }, (_, i) => `d${i}\tpassage ${i} of forty\n`).join(""),
    );
    const store = ["--store", join(folder.path, "s"), "--quiet"];
    const built = await runCli("index", [
      "--collection",
      collection,
      "--backend",
      "faiss-ivfpq",
      "--index",
      index,
      ...store,
    ]);
    strictEqual(built.code, 0, built.stderr);
    const search = async (env: Record<string, string>, engine: RegExp) => {
      const args = ["--index", index, "--explain", "--json", "passage 7", "--store", join(folder.path, "s")];
      const { code, stdout, stderr } = await runCli("search", args, env);
      strictEqual(code, 0, stderr);
      const { hits, settings } = JSON.parse(stdout);
      match(settings.engine, engine);
      return hits.map(({ id }: { id: string }) => id); // without a compiler another kernel rounds the scores
    };
    deepStrictEqual(await search(nothing(folder.path), /^builtin$/), await search({}, /^FAISS/));
  },
);
