import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { temporaryFolder } from "../fixtures/temporary.ts";
import { runCli } from "./cli.ts";

const PASSAGES = [
  ["d1", "Bees make honey from nectar."],
  ["d2", "Honey never spoils when it is kept dry."],
  ["d3", "The bridge was built in 1883."],
  ["d4", "A hive holds sixty thousand bees."],
];
const tsv = (rows: readonly (readonly string[])[]) => rows.map((row) => row.join("\t") + "\n").join("");

Deno.test("an index is changed, compacted, rebuilt, moved, converted and verified from the command line", async () => {
  using folder = temporaryFolder();
  const store = ["--store", join(folder.path, "s"), "--quiet"];
  let index = join(folder.path, "index");
  const run = async (command: string, ...args: string[]) => {
    const { code, stdout, stderr } = await runCli(command, args);
    strictEqual(code, 0, stderr);
    return { stdout, stderr };
  };
  const hits = async (query: string, from = index): Promise<string[]> => {
    const { stdout } = await run("search", "--index", from, query, "--json", "--k", "9", ...store);
    return JSON.parse(stdout).hits.map(({ id }: { id: string }) => id);
  };
  const change = (verb: string, ...args: string[]) => run("index", verb, "--index", index, ...args, ...store);
  const collection = folder.file("c.tsv", tsv(PASSAGES));
  await run("index", "--collection", collection, "--index", index, "--backend", "plaid:nbits=4,partitions=4", ...store);

  await change("add", "--collection", folder.file("more.tsv", tsv([["d5", "Wasps build nests of paper."]])));
  strictEqual((await hits("what do wasps build"))[0], "d5");
  await change("upsert", "--collection", folder.file("new.tsv", tsv([["d3", "Wasps sting."], ["d6", "Ants dig."]])));
  deepStrictEqual((await hits("wasps sting"))[0], "d3");
  await change("delete", "d5");
  await change("delete", "--ids", folder.file("ids.txt", "d6\n"));
  deepStrictEqual((await hits("wasps")).sort(), ["d1", "d2", "d3", "d4"]);

  const again = await runCli("index", ["add", "--index", index, "--collection", collection, ...store]);
  strictEqual(again.code, 2);
  match(again.stderr, /an id that the index has/);
  const unknown = await runCli("index", ["delete", "--index", index, "nobody", ...store]);
  strictEqual(unknown.code, 2);
  match(unknown.stderr, /nobody.*no such passage/);
  strictEqual((await runCli("index", ["delete", "--index", index, ...store])).code, 1);
  strictEqual((await runCli("index", ["add", "--index", index, ...store])).code, 1);

  const before = await hits("honey bees");
  await change("compact");
  deepStrictEqual(await hits("honey bees"), before);
  const moved = join(folder.path, "elsewhere");
  Deno.renameSync(index, moved); // nothing in it is an absolute path
  index = moved;
  deepStrictEqual(await hits("honey bees"), before);
  match((await run("doctor", "--index", index, "--store", store[1])).stdout, /ok {8}checksums\n[^]*opens.*: 4/);

  const texts = folder.file("now.tsv", tsv([PASSAGES[0], PASSAGES[1], PASSAGES[3], ["d3", "Wasps sting."]]));
  for (const format of ["stanford", "fast-plaid", "next-plaid"]) {
    const out = join(folder.path, format);
    await run("index", "convert", "--index", index, "--to", format, "--out", out, ...store);
    match((await run("doctor", "--index", out)).stdout, new RegExp(`${format}, 4 passages`));
    const back = join(folder.path, `${format}-back`);
    const own = ["--to", "latebench", "--encoder", "builtin", "--collection", texts];
    await run("index", "convert", "--index", out, "--out", back, ...own, ...store);
    deepStrictEqual(await hits("honey bees", back), before);
  }
  await change("compact", "--rebuild");
  strictEqual((await hits("wasps sting"))[0], "d3");

  Deno.writeFileSync(join(folder.path, "stanford", "0.codes.pt"), new Uint8Array(10));
  const broken = await runCli("doctor", ["--index", join(folder.path, "stanford")]);
  strictEqual(broken.code, 2);
  match(broken.stdout, /^fault .*0\.codes\.pt/m);
  strictEqual((await runCli("doctor", ["--index", folder.path])).code, 2);
  const whose = [
    "convert",
    "--index",
    join(folder.path, "fast-plaid"),
    "--to",
    "latebench",
    "--out",
    join(folder.path, "x"),
  ];
  const unsaid = await runCli("index", whose);
  strictEqual(unsaid.code, 1);
  match(unsaid.stderr, /whose vectors/);
});

Deno.test("an index of texts cannot be updated, and says so", async () => {
  using folder = temporaryFolder();
  const index = join(folder.path, "index");
  const collection = folder.file("c.tsv", tsv(PASSAGES));
  const store = ["--store", join(folder.path, "s"), "--quiet"];
  const built = await runCli("index", ["--collection", collection, "--index", index, "--backend", "bm25", ...store]);
  strictEqual(built.code, 0, built.stderr);
  const refused = await runCli("index", ["delete", "--index", index, "d1", ...store]);
  strictEqual(refused.code, 2);
  match(refused.stderr, /bm25.*can be updated/);
});
