import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { parseWhere } from "../../commands/search/where.ts";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";
import { runCli } from "./cli.ts";

Deno.test("an index is built, searched, filtered and explained from the command line", async () => {
  using folder = temporaryFolder();
  const collection = folder.file(
    "c.jsonl",
    [
      ["d1", "Bees make honey from nectar.", 1990, ["insects", "food"]],
      ["d2", "Honey never spoils when it is kept dry.", 2001, ["food"]],
      ["d3", "The bridge was built in 1883.", 1883, ["cities"]],
      ["d4", "A hive holds sixty thousand bees.", 2010, ["insects"]],
    ].map(([id, text, year, tags]) => JSON.stringify({ id, text, metadata: { year, tags } })).join("\n") + "\n",
  );
  const store = join(folder.path, "s");
  const index = join(folder.path, "index");
  const build = [
    "--collection",
    collection,
    "--index",
    index,
    "--backend",
    "plaid:nbits=4",
    "--store",
    store,
    "--quiet",
  ];
  const built = await runCli("index", build);
  strictEqual(built.code, 0, built.stderr);
  const calibrated = join(folder.path, "calibrated");
  const target = [...build.with(3, calibrated), "--target-recall", "0.5"];
  strictEqual((await runCli("index", target)).code, 0);
  match(Deno.readTextFileSync(join(calibrated, "index", "calibration-plaid-0.5.json")), /"heldout_overlap"/);
  strictEqual((await runCli("search", ["--index", calibrated, "honey", "--store", store])).code, 0);
  const again = await runCli("index", build);
  strictEqual(again.code, 1);
  match(again.stderr, /--force to replace it/);

  const search = async (...args: string[]) => {
    return await runCli("search", ["--index", index, "who makes honey", "--store", store, ...args]);
  };
  const hits = async (...args: string[]): Promise<string[]> => {
    const { code, stdout, stderr } = await search("--json", ...args);
    strictEqual(code, 0, stderr);
    return JSON.parse(stdout).hits.map(({ id }: { id: string }) => id);
  };
  const all = await hits();
  strictEqual(all[0], "d1");
  deepStrictEqual([...all].sort(), ["d1", "d2", "d3", "d4"]);
  const ids = folder.file("only.txt", "d3\nd2\n");
  deepStrictEqual(await hits("--only", ids), ["d2", "d3"]);
  deepStrictEqual((await hits("--where", "tags=insects")).sort(), ["d1", "d4"]);
  deepStrictEqual(await hits("--where", "year>1900", "--where", "tags!=insects"), ["d2"]);
  deepStrictEqual(await hits("--where", "author=me"), []);
  deepStrictEqual((await hits("--set", "variant=int8,ncells=1", "--k", "2"))[0], "d1");

  const explained = await search("--explain", "--why", "d3", "--k", "1");
  strictEqual(explained.code, 0, explained.stderr);
  match(explained.stdout, /^ {2}1 {2}\d+\.\d{4} {2}d1 {2}Bees make honey/m);
  for (const part of ["candidates", "residuals", "honey", "sum", "passage d3: not found", "LOST by"]) {
    ok(explained.stdout.includes(part), `${part} in ${explained.stdout}`);
  }
  const wrong = await search("--set", "nbits=2");
  strictEqual(wrong.code, 1);
  match(wrong.stderr, /built with nbits=4/);
  const missing = await search("--why", "d9");
  strictEqual(missing.code, 2);
  match(missing.stderr, /d9/);
  strictEqual((await runCli("search", ["--index", store, "x"])).code, 2);
});

Deno.test("--why-missed tells of every system where a passage was lost", async () => {
  using folder = temporaryFolder();
  const qrels = Deno.readTextFileSync(new URL("../../datasets/demo/msmarco/qrels.txt", import.meta.url));
  const [qid, , pid] = qrels.split("\n")[0].split(/\s+/);
  const args = ["--dataset", "demo-msmarco", "--store", join(folder.path, "s"), "--quiet", "--k", "3"];
  const systems = ["plaid:ncells=1,ndocs=8", "exhaustive", "bm25"].flatMap((spec) => ["--backend", spec]);
  const { code, stdout, stderr } = await runCli("eval", [...args, ...systems, "--why-missed", qid, pid]);
  strictEqual(code, 0, stderr);
  for (
    const part of ["plaid:ncells=1,ndocs=8, k 3", "exhaustive, k 3", "bm25, k 3", `passage ${pid}:`, "by candidates"]
  ) {
    ok(stdout.includes(part), `${part} in ${stdout}`);
  }
  const unknown = await runCli("eval", [...args, ...systems, "--why-missed", "nobody", pid]);
  strictEqual(unknown.code, 2);
  match(unknown.stderr, /no query "nobody"/);
  strictEqual((await runCli("eval", [...args, "--why-missed", qid])).code, 1);
  strictEqual((await runCli("eval", [...args, "stray"])).code, 1);
});

Deno.test("conditions on metadata", async () => {
  const meets = (condition: string, metadata: Record<string, unknown>) => parseWhere([condition])(metadata);
  ok(
    meets("year>=1999", { year: 1999 }) && !meets("year>1999", { year: 1999 }) &&
      meets("year < 2000", { year: "1999" }),
  );
  ok(
    meets("lang=en", { lang: "en" }) && !meets("lang=en", {}) && !meets("lang!=en", {}) &&
      meets("lang!=en", { lang: "de" }),
  );
  ok(meets("name>b", { name: "c" }) && !meets("name>b", { name: "a" }) && meets("ok=true", { ok: true }));
  ok(meets("tags=a", { tags: ["a", "b"] }) && !meets("tags!=a", { tags: ["a", "b"] }));
  const odd = { constructor: 1, toString: { toString: 1 }, list: [{ valueOf: null }, 3], none: null };
  ok(meets("constructor=1", odd) && !meets("valueOf=1", odd) && !meets("toString<1", odd) && !meets("toString=x", odd));
  ok(meets("list=3", odd) && meets("none<1", odd) && meets("one<2", { one: [1] }));
  await expectError(() => parseWhere(["year"]), 1, "field=value");
});
