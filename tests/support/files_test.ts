import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { join } from "node:path";
import { artefactKey, sha256, sha256File, stableJson } from "../../support/hash.ts";
import { readLines } from "../../support/lines.ts";
import { lockFolder } from "../../support/lock.ts";
import { isFile } from "../../support/paths.ts";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

Deno.test("readLines() numbers lines, drops line ends and takes a last line without one", () => {
  using folder = temporaryFolder();
  const path = folder.file("lines", "a\r\nb\n\nd");
  deepStrictEqual([...readLines(path)], [
    { number: 1, text: "a" },
    { number: 2, text: "b" },
    { number: 3, text: "" },
    { number: 4, text: "d" },
  ]);
});

Deno.test("readLines() reads lines that cross the edges of its pieces", () => {
  using folder = temporaryFolder();
  const long = ["x".repeat(3 << 20), "é".repeat(700_000), "end"];
  const path = folder.file("long", long.join("\n") + "\n");
  deepStrictEqual([...readLines(path)].map(({ text }) => text), long);
});

Deno.test("readLines() names the line with invalid UTF-8, in later pieces too", async () => {
  using folder = temporaryFolder();
  const good = new TextEncoder().encode("line\n".repeat(500_000));
  const path = folder.file("bad", Uint8Array.from([...good, 0x61, 0xff, 0x0a, 0x62, 0x0a]));
  await expectError(() => [...readLines(path)], 2, `${path}:500001`, "invalid UTF-8");
});

Deno.test("a missing file is one clear line", async () => {
  await expectError(() => [...readLines("/no/such/file")], 2, "/no/such/file", "no such file");
});

Deno.test("artefactKey() depends on values, not on the order of keys", () => {
  strictEqual(artefactKey({ a: 1, b: { c: 2, d: 3 } }), artefactKey({ b: { d: 3, c: 2 }, a: 1 }));
  ok(artefactKey({ a: 1 }) !== artefactKey({ a: 2 }));
  strictEqual(stableJson({ b: [2, 1], a: null }), '{"a":null,"b":[2,1]}');
});

Deno.test("sha256File() equals the hash of the content", () => {
  using folder = temporaryFolder();
  strictEqual(sha256File(folder.file("f", "abc")), sha256("abc"));
  strictEqual(sha256("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  throws(() => sha256File(join(folder.path, "none")));
});

Deno.test("lockFolder() keeps a second process off until the first is done", async () => {
  using folder = temporaryFolder();
  const target = join(folder.path, "artefact");
  const lock = await lockFolder(target);
  const script = `import { lockFolder } from "${new URL("../../support/lock.ts", import.meta.url)}";
    using _ = await lockFolder(${JSON.stringify(target)}); Deno.writeTextFileSync(${
    JSON.stringify(`${target}.got`)
  }, "");`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", folder.file("child.ts", script)],
    stderr: "null",
  }).spawn();
  await new Promise((resolve) => setTimeout(resolve, 700));
  strictEqual(isFile(`${target}.got`), false);
  lock[Symbol.dispose]();
  strictEqual((await child.status).success, true);
  strictEqual(isFile(`${target}.got`), true);
});
