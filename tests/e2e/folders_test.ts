import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join, relative } from "node:path";
import { MARKER } from "../../support/owned_folder.ts";
import { type TemporaryFolder, temporaryFolder } from "../fixtures/temporary.ts";
import { runCli } from "./cli.ts";

const PAGE = "# Bees\n\nBees make honey in the hives that their keepers build for them.\n\n## Wax\n\n" +
  "The combs are made of wax, which the younger workers give off in small scales.\n";
const PASSAGES = "d1\tbees make honey\nd2\twasps build nests of paper\n";

/** All files below a folder with their content; links as what they point to. */
function contentOf(folder: string, top = folder): Record<string, string> {
  return Object.fromEntries([...Deno.readDirSync(folder)].flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory) return Object.entries(contentOf(path, top));
    return [[relative(top, path), entry.isSymlink ? Deno.readLinkSync(path) : Deno.readTextFileSync(path)]];
  }));
}

/** Runs a command that must refuse in one line, and leave `own` as it is. */
async function refuses(own: string, expected: RegExp, code: number, task: string, ...args: string[]): Promise<void> {
  const before = contentOf(own);
  const result = await runCli(task, args);
  const what = `${task} ${args.join(" ")}: ${result.stderr}`;
  strictEqual(result.code, code, what);
  match(result.stderr, expected, what);
  strictEqual(result.stderr.trim().split("\n").length, 1, what);
  deepStrictEqual(contentOf(own), before, what);
}

function documents(folder: TemporaryFolder): string {
  folder.file("home/docs/bees.md", PAGE);
  folder.file("home/docs/deep/more.md", PAGE.replaceAll("Bees", "Wasps"));
  return join(folder.path, "home", "docs");
}

Deno.test("data build-car never writes over, into or around the documents, nor over anything else", async () => {
  using folder = temporaryFolder();
  const docs = documents(folder);
  const own = join(folder.path, "home");
  folder.file("home/other/notes.txt", "mine");
  folder.file("home/set.partial/notes.txt", "mine");
  Deno.symlinkSync(docs, join(own, "link"));
  const build = (out: string) => ["build-car", docs, "--min-words", "2", "--out", out];
  for (const out of [docs, own, join(docs, "deep"), join(docs, "deep", "..")]) {
    await refuses(own, /that holds its source|in its source/, 2, "data", ...build(out));
  }
  await refuses(own, /in its source/, 2, "data", ...build(join(docs, "new")));
  await refuses(own, /a link|that holds its source/, 2, "data", ...build(join(own, "link")));
  await refuses(own, /did not make/, 2, "data", ...build(join(own, "other")));
  await refuses(own, /a file/, 2, "data", ...build(join(own, "other", "notes.txt")));

  const set = join(own, "set");
  for (const _ of ["made", "made again"]) {
    const { code, stderr } = await runCli("data", build(set));
    strictEqual(code, 0, stderr);
  }
  strictEqual(Deno.readTextFileSync(join(own, "set.partial", "notes.txt")), "mine");
  Deno.removeSync(join(set, MARKER)); // as an earlier latebench made it
  strictEqual((await runCli("data", build(set))).code, 0);
  Deno.removeSync(join(set, MARKER));
  folder.file("home/set/notes.txt", "mine");
  await refuses(own, /did not make/, 2, "data", ...build(set));
  deepStrictEqual(Object.keys(contentOf(docs)).sort(), ["bees.md", "deep/more.md"]);
});

Deno.test("index and index convert replace nothing but indexes, with --force too", async () => {
  using folder = temporaryFolder();
  const collection = folder.file("c.tsv", PASSAGES);
  const own = join(folder.path, "home");
  const store = join(folder.path, "store");
  folder.file("home/docs/notes.txt", "mine");
  folder.file("home/index.partial/notes.txt", "mine");
  folder.file("home/fake/search.json", "{}");
  const build = (index: string, ...more: string[]) => {
    return ["--collection", collection, "--backend", "bm25", "--index", index, "--store", store, "--quiet", ...more];
  };
  for (const force of [[], ["--force"]]) {
    for (const name of ["docs", "fake", ".", "index.partial"]) {
      await refuses(own, /did not make/, 2, "index", ...build(join(own, name), ...force));
    }
  }
  const index = join(own, "index");
  strictEqual((await runCli("index", build(index))).code, 0);
  ok(MARKER in contentOf(index));
  strictEqual(contentOf(own)["index.partial/notes.txt"], "mine");
  await refuses(own, /already exists; use --force/, 1, "index", ...build(index));
  Deno.removeSync(join(index, MARKER)); // as an earlier latebench made it
  const forced = await runCli("index", build(index, "--force"));
  strictEqual(forced.code, 0, forced.stderr);
  const found = await runCli("search", ["--index", index, "honey", "--store", store, "--json"]);
  strictEqual(JSON.parse(found.stdout).hits[0].id, "d1", found.stderr);
  Deno.removeSync(join(index, MARKER));
  folder.file("home/index/notes.txt", "mine");
  await refuses(own, /did not make/, 2, "index", ...build(index, "--force"));

  const inner = join(own, "index", "c.tsv");
  Deno.removeSync(join(index, "notes.txt"));
  strictEqual((await runCli("index", build(index, "--force"))).code, 0);
  Deno.writeTextFileSync(inner, PASSAGES);
  await refuses(own, /holds its source/, 2, "index", ...build(index, "--force").with(1, inner));

  const convert = (out: string) => ["convert", "--index", index, "--to", "stanford", "--out", out, "--force"];
  await refuses(own, /its source/, 2, "index", ...convert(index));
  await refuses(own, /its source/, 2, "index", ...convert(own));
  await refuses(own, /its source/, 2, "index", ...convert(join(index, "index")));
  await refuses(own, /did not make/, 2, "index", ...convert(join(own, "docs")));
});
