import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { zipSync } from "fflate";
import { filesOf, type Packing, type PublishedFile, readCatalogue } from "../../datasets/catalogue/catalogue.ts";
import { fetchFile } from "../../datasets/fetch/fetch.ts";
import { stateOf } from "../../datasets/fetch/receipt.ts";
import { unpack } from "../../datasets/fetch/unpack.ts";
import { expectError } from "../fixtures/expect.ts";
import { fileServer } from "../fixtures/file_server.ts";
import { tar, type TarEntry } from "../fixtures/tar.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const md5 = (content: Uint8Array) => createHash("md5").update(content).digest("hex");

const TWO = [["a/one.txt", "one\n"], ["a/two.txt", "two\n"]] as const;
const WANTED = new Set(["a/one.txt", "a/two.txt"]);

/** `TWO` as xz packs it: nothing in Deno does. */
const TAR_XZ =
  "/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj4Cf/AGxdADCLyecjtNjASOkTypYOAoXbnBOXelGsLocmC7ia3ur5MbvYLuRL/jlqM1CKEQGmAGqYKUF0TcDW/MLgsuW4kVfWrakbK1+9ur7tk9XMlqWqsrhh0qnTk38DbsyV0UlORl+a+EK4ePz+8fnAAAAhI2VF9w9+qAABiAGAUAAAU/MzjbHEZ/sCAAAAAARZWg==";

const PACKED: Readonly<Record<Packing, () => Promise<Uint8Array>>> = {
  "tar.gz": async () => gzipSync(await tar(TWO)),
  "tar.xz": () => Promise.resolve(Uint8Array.from(atob(TAR_XZ), (c) => c.charCodeAt(0))),
  "zip": () => Promise.resolve(zipSync(Object.fromEntries(TWO.map(([name, text]) => [name, bytes(text)])))),
  "gz": () => Promise.resolve(gzipSync(bytes("one\n"))),
};

for (const packing of ["tar.gz", "tar.xz", "zip"] as const) {
  Deno.test(`unpack(): ${packing}, whole, in part, cut off and damaged`, async () => {
    using folder = temporaryFolder();
    const content = await PACKED[packing]();
    const archive = folder.file("archive", content);
    const target = join(folder.path, "out");
    const kept = await unpack(archive, packing, target, WANTED);
    deepStrictEqual(kept.map(({ path, bytes }) => [path, bytes]), [["a/one.txt", 4], ["a/two.txt", 4]]);
    strictEqual(Deno.readTextFileSync(join(target, "a/two.txt")), "two\n");
    deepStrictEqual((await unpack(archive, packing, target, new Set(["a/two.txt"]))).map(({ path }) => path), [
      "a/two.txt",
    ]);
    for (const keep of [0.5, 0.8]) {
      const cut = folder.file("cut", content.subarray(0, Math.floor(content.length * keep)));
      await expectError(() => unpack(cut, packing, join(folder.path, "cut-out"), WANTED), 2, cut, "truncated");
    }
  });
}

Deno.test("unpack(): one file in gzip gets the name that it should have", async () => {
  using folder = temporaryFolder();
  const archive = folder.file("x.gz", await PACKED.gz());
  const kept = await unpack(archive, "gz", folder.path, new Set(["queries.tsv"]));
  deepStrictEqual(kept.map(({ path, bytes }) => [path, bytes]), [["queries.tsv", 4]]);
});

/** Members that no archive may have, and what the message says of them. */
const HOSTILE: Readonly<Record<string, readonly [string | TarEntry, string]>> = {
  "a path out of the folder": ["../evil.txt", "inside the folder"],
  "a path out of the folder, further in": ["a/../../evil.txt", "inside the folder"],
  "an absolute path": ["/tmp/evil.txt", "inside the folder"],
  "a drive": ["C:\\evil.txt", "inside the folder"],
  "a symbolic link": [{ name: "a/one.txt", type: "symlink", linkname: "/etc/passwd" }, "symlink"],
  "a hard link": [{ name: "a/one.txt", type: "link", linkname: "/etc/passwd" }, "type link"],
  "a device": [{ name: "a/one.txt", type: "character-device" }, "character-device"],
};

for (const [name, [entry, part]] of Object.entries(HOSTILE)) {
  Deno.test(`unpack() refuses ${name}`, async () => {
    using folder = temporaryFolder();
    const inner = join(folder.path, "deep", "inner");
    const archive = folder.file("archive", gzipSync(await tar([[entry, ""]])));
    await expectError(() => unpack(archive, "tar.gz", inner, WANTED), 2, archive, part);
    ok(![...Deno.readDirSync(folder.path)].some(({ name }) => name.includes("evil")));
  });
}

Deno.test("unpack() refuses a zip with a path out of the folder, and one with a link", async () => {
  using folder = temporaryFolder();
  const escaping = folder.file("escaping.zip", zipSync({ "../evil.txt": bytes("x") }));
  await expectError(() => unpack(escaping, "zip", join(folder.path, "out"), WANTED), 2, escaping);
  const linked = folder.file(
    "linked.zip",
    zipSync({ "a/one.txt": [bytes("/etc/passwd"), { os: 3, attrs: 0o120777 << 16 }] }),
  );
  await expectError(() => unpack(linked, "zip", join(folder.path, "out"), WANTED), 2, linked, "a link");
});

Deno.test("unpack() refuses an archive that swells beyond all measure", async () => {
  using folder = temporaryFolder();
  const bomb = folder.file("bomb.gz", gzipSync(new Uint8Array(80 << 20)));
  await expectError(() => unpack(bomb, "gz", folder.path, new Set(["a"])), 2, bomb, "100 times");
  ok(![...Deno.readDirSync(folder.path)].some(({ name }) => name.startsWith("a")));
});

Deno.test("unpack() refuses an archive of more members than any data set has", async () => {
  using folder = temporaryFolder();
  const names = Array.from({ length: 10_001 }, (_, i) => `a/${i}`);
  const packed = { "tar.gz": gzipSync(await tar(names.map((name) => [name, ""] as const))), zip: zipOf(names) };
  for (const packing of ["tar.gz", "zip"] as const) {
    const archive = folder.file("many", packed[packing]);
    await expectError(() => unpack(archive, packing, folder.path, WANTED), 2, archive, "more than 10000 members");
  }
});

function zipOf(names: readonly string[]): Uint8Array {
  return zipSync(Object.fromEntries(names.map((name) => [name, new Uint8Array(0)])), { level: 0 });
}

/** A published file over a local server. */
function published(url: string, content: Uint8Array, more: Partial<PublishedFile> = {}): PublishedFile {
  return {
    ...{ id: "set/file", url, md5: md5(content), bytes: content.length, licence: "for tests only", folder: "set" },
    ...{ members: ["a/one.txt", "a/two.txt"], unpack: "tar.gz" as const },
    ...more,
  };
}

Deno.test("fetchFile() downloads, verifies, unpacks, shows the licence once, and is done the next time", async () => {
  using folder = temporaryFolder();
  const content = await PACKED["tar.gz"]();
  await using server = fileServer({ "/two.tar.gz": content });
  const file = published(`${server.url}/two.tar.gz`, content);
  const told: string[] = [];
  const options = { dataDir: folder.path, quiet: true, tell: (line: string) => void told.push(line) };
  strictEqual(stateOf(folder.path, file).state, "absent");
  await fetchFile(file, options);
  strictEqual(stateOf(folder.path, file, true).state, "fetched");
  strictEqual(Deno.readTextFileSync(join(folder.path, "set/a/one.txt")), "one\n");
  await fetchFile(file, options);
  deepStrictEqual(told, ["licence: for tests only", "set/file: a/one.txt, a/two.txt", "set/file: there"]);
  strictEqual(server.ranges.length, 1);
  deepStrictEqual([...Deno.readDirSync(join(folder.path, ".downloads"))], []); // no second copy stays

  Deno.writeTextFileSync(join(folder.path, "set/a/one.txt"), "two\n");
  strictEqual(stateOf(folder.path, file).state, "fetched"); // same size: only reading shows it
  deepStrictEqual(stateOf(folder.path, file, true), { state: "damaged", member: "a/one.txt" });
});

Deno.test("fetchFile() takes a copy from the folder, under whatever name, without the network", async () => {
  using folder = temporaryFolder();
  const content = await PACKED["tar.gz"]();
  const file = published("http://127.0.0.1:9/none.tar.gz", content);
  folder.file("from-a-mirror.bin", content);
  folder.file("other.bin", content.with(20, content[20] ^ 1)); // same size, other content
  await fetchFile(file, { dataDir: folder.path, quiet: true, tell() {} });
  strictEqual(stateOf(folder.path, file, true).state, "fetched");
  ok([...Deno.readDirSync(folder.path)].some(({ name }) => name === "from-a-mirror.bin"));
});

Deno.test("fetchFile() goes on where a connection broke, also with a server without ranges", async () => {
  for (const ranges of [true, false]) {
    using folder = temporaryFolder();
    const content = crypto.getRandomValues(new Uint8Array(50_000));
    await using server = fileServer({ "/q.tsv": content }, ranges ? { breakAfter: 20_000 } : { ranges: false });
    const file = published(`${server.url}/q.tsv`, content, { members: ["q.tsv"], unpack: undefined });
    if (!ranges) folder.file(".downloads/q.tsv.partial", content.slice(0, 100));
    await fetchFile(file, { dataDir: folder.path, quiet: true, tell() {} });
    deepStrictEqual(Deno.readFileSync(join(folder.path, "set/q.tsv")), content);
    deepStrictEqual(server.ranges, ranges ? [null, "bytes=20000-", "bytes=40000-"] : ["bytes=100-"]);
  }
});

Deno.test("fetchFile() keeps nothing of a file with a wrong checksum", async () => {
  using folder = temporaryFolder();
  const content = await PACKED["tar.gz"]();
  await using server = fileServer({ "/two.tar.gz": content });
  const file = { ...published(`${server.url}/two.tar.gz`, content), md5: "0".repeat(32) };
  await expectError(() => fetchFile(file, { dataDir: folder.path, quiet: true, tell() {} }), 2, "md5");
  strictEqual(stateOf(folder.path, file).state, "absent");
});

Deno.test("the catalogue: every file with address, checksum and size, every data set over known files", () => {
  const catalogue = readCatalogue();
  strictEqual(catalogue.files.size, 39);
  const dev = filesOf(catalogue, "msmarco-passage/dev.small", true);
  deepStrictEqual(dev.map(({ id }) => id), ["msmarco-passage/collectionandqueries", "msmarco-passage/dev/scoreddocs"]);
  for (const id of ["car/benchmarkY1test", "lotte/writing/dev", "beir/scifact", "beir/cqadupstack/tex"]) {
    ok(catalogue.datasets.has(id), id);
  }
  for (const { id, description, needs, optional } of catalogue.datasets.values()) {
    const members = new Set([...needs, ...optional].flatMap((file) => catalogue.files.get(file)!.members));
    const used = [
      description.collection.file,
      ...description.topics.flatMap(({ queries, qrels, candidates }) =>
        [queries.file, qrels?.file, candidates?.file].filter((file) => file !== undefined)
      ),
    ];
    for (const file of used) ok(members.has(file) || file === "5k-eval.qrels.tsv", `${id}: ${file}`);
  }
});

Deno.test("the catalogue names ids that are like an unknown one", async () => {
  await expectError(() => filesOf(readCatalogue(), "beir/nothing", false), 2, "beir/scifact");
});
