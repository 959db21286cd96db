import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { dirname, join } from "node:path";
import { fromFileUrl } from "../../support/paths.ts";
import { fileServer } from "../fixtures/file_server.ts";
import { withCompiled } from "../fixtures/store.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";
import { runCli } from "./cli.ts";

const MODEL = fromFileUrl(new URL("../fixtures/conformance/stanford_v2/", import.meta.url));
const TEXTS = "a\tbees make honey\nb\tthe bridge was built\nc\ttwo trains and a hill\n";

/** Builds indexes, and searches them; each has a store of its own unless told otherwise. */
function workshop(folder: ReturnType<typeof temporaryFolder>) {
  const collection = folder.file("c.tsv", TEXTS);
  const at = (name: string) => join(folder.path, name);
  const store = withCompiled(at("store"));
  return {
    at,
    store,
    async build(name: string, encoder: string, backend: string): Promise<string> {
      const what = ["--collection", collection, "--encoder", encoder, "--backend", backend];
      const { code, stderr } = await runCli("index", [...what, "--index", at(name), "--store", store, "--quiet"]);
      strictEqual(code, 0, stderr);
      return at(name);
    },
    search: (index: string, args: readonly string[] = [], env: Record<string, string> = {}) =>
      runCli(
        "search",
        ["--index", index, "who makes honey", ...args.includes("--store") ? [] : ["--store", store], ...args],
        env,
      ),
  };
}

function changeManifest(index: string, change: Record<string, unknown>): void {
  const file = join(index, "search.json");
  Deno.writeTextFileSync(
    file,
    JSON.stringify({ ...JSON.parse(Deno.readTextFileSync(file)), seal: undefined, ...change }),
  );
}

Deno.test("a folder that an index names as its encoder is opened only where the user has named it", async () => {
  using folder = temporaryFolder();
  const { at, build, search } = workshop(folder);
  const index = await build("index", MODEL, "plaid");
  const known = await search(index);
  strictEqual(known.code, 0, known.stderr);

  const elsewhere = ["--store", withCompiled(at("other store"))];
  const refused = await search(index, elsewhere);
  strictEqual(refused.code, 1, refused.stderr);
  match(
    refused.stderr,
    /^latebench: .+; no folder is opened because an index names it: give --encoder ".+" if you trust it\n$/,
  );
  const added = ["--index", index, "--collection", folder.file("more.tsv", "d\tmore\n"), ...elsewhere, "--quiet"];
  strictEqual((await runCli("index", ["add", ...added])).code, 1);

  const named = await search(index, [...elsewhere, "--encoder", MODEL]);
  deepStrictEqual([named.code, named.stdout], [0, known.stdout], named.stderr);
  strictEqual((await runCli("index", ["add", ...added, "--encoder", MODEL])).code, 0);
  const wrong = await search(index, ["--encoder", "builtin"]);
  strictEqual(wrong.code, 2, wrong.stderr);
  match(wrong.stderr, /found an index of the encoder .+, expected the encoder in use/);

  const { encoder: { hash } } = JSON.parse(Deno.readTextFileSync(join(index, "search.json")));
  for (const spec of [join(MODEL, "..", "stanford_v1"), "no\nname", "../../store/models", ""]) {
    changeManifest(index, { encoder: { spec, hash } });
    const { code, stderr } = await search(index);
    strictEqual(code, 1, stderr);
    strictEqual(stderr.trim().split("\n").length, 1, stderr);
  }
});

Deno.test("a search downloads no model that its index names, and uses one that is there", async () => {
  using folder = temporaryFolder();
  const { at, build, search, store } = workshop(folder);
  const model = join(store, "models", "some--model@main");
  Deno.mkdirSync(model, { recursive: true });
  for (const { name } of Deno.readDirSync(MODEL)) Deno.copyFileSync(join(MODEL, name), join(model, name));
  Deno.writeTextFileSync(join(model, "download.json"), "{}");
  const index = await build("index", "hf:some/model", "plaid");
  strictEqual((await search(index)).code, 0);

  await using hub = fileServer({});
  const asked: string[] = hub.requests;
  const env = { HF_ENDPOINT: hub.url };
  const missing = await search(index, ["--store", withCompiled(at("other store"))], env);
  strictEqual(missing.code, 4, missing.stderr);
  match(
    missing.stderr,
    /encoder "hf:some\/model" is not in .+: `deno task setup --encoder hf:some\/model` fetches it\n$/,
  );
  const checked = await runCli("setup", ["--encoder", "hf:some/model", "--check", "--store", at("other store")], env);
  deepStrictEqual([checked.code, checked.stdout.slice(0, 7)], [4, "missing"]);
  strictEqual((await runCli("setup", ["--encoder", "hf:some/model", "--check", "--store", store], env)).code, 0);
  deepStrictEqual(asked, []);
  for (const spec of ["hf:../../evil", "hf:a/b@../../c\n", "hf:"]) {
    changeManifest(index, { encoder: { spec, hash: "0" } });
    const { code, stderr } = await search(index, [], env);
    deepStrictEqual([code > 0 && code < 5, stderr.trim().split("\n").length], [true, 1], stderr);
  }
  deepStrictEqual(asked, []);
});

Deno.test("no file is opened because an index names it as its candidates", async () => {
  using folder = temporaryFolder();
  const { build, search } = workshop(folder);
  const secret = folder.file("outside/secret.run", "query Q0 a 1 1.0 x\n");
  const rerank = await build("rerank", MODEL, "rerank");
  const fused = await build("fusion", MODEL, "fusion:second=rerank");
  for (const index of [rerank, fused]) strictEqual((await search(index)).code, 0);
  changeManifest(rerank, { backend: `rerank:first=${secret}` });
  changeManifest(fused, { backend: `fusion:second=[rerank:first=${secret}]` });
  for (const index of [rerank, fused]) {
    const found = await search(index);
    strictEqual(found.code, 2, found.stderr);
    match(found.stderr, /found first=".+secret\.run", a file outside of the index, expected a backend/);
    const { stdout } = await runCli("doctor", ["--index", index, "--store", join(dirname(index), "store")]);
    match(stdout, /fault .+ a file outside of the index/);
  }
});
