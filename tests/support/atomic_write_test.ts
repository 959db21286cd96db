import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { writeFolderAtomic } from "../../support/atomic_folder.ts";
import { openAtomic, writeAtomic } from "../../support/atomic_write.ts";
import { MARKER } from "../../support/owned_folder.ts";
import { isFile } from "../../support/paths.ts";
import { temporaryName } from "../../support/temporary.ts";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;
const linux = Deno.build.os === "linux";

Deno.test("openAtomic() gives a file its name only with commit", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "deep", "file");
  {
    using file = openAtomic(path);
    file.write(new TextEncoder().encode("half"));
  }
  deepStrictEqual(namesIn(join(folder.path, "deep")), []);
  {
    using file = openAtomic(path);
    file.write(new TextEncoder().encode("whole"));
    strictEqual(file.length, 5);
    file.commit();
  }
  strictEqual(Deno.readTextFileSync(path), "whole");
  deepStrictEqual(namesIn(join(folder.path, "deep")), ["file"]);
});

Deno.test("two that write one path do not meet: the last to commit wins", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "file");
  using a = openAtomic(path);
  using b = openAtomic(path);
  a.write(new TextEncoder().encode("aaaa"));
  b.write(new TextEncoder().encode("bb"));
  b.commit();
  strictEqual(Deno.readTextFileSync(path), "bb");
  a.commit();
  strictEqual(Deno.readTextFileSync(path), "aaaa");
  deepStrictEqual(namesIn(folder.path), ["file"]);
});

Deno.test("nothing is written through a link beside the file, under whatever fixed name", () => {
  using folder = temporaryFolder();
  const victim = folder.file("victim", "mine");
  const path = join(folder.path, "out.json");
  for (const name of [`${path}.partial`, `${path}.tmp`, `${path}.latebench`]) Deno.symlinkSync(victim, name);
  writeAtomic(path, "new");
  strictEqual(Deno.readTextFileSync(victim), "mine");
});

Deno.test("a file whose name has 255 bytes can be written", () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "n".repeat(255));
  writeAtomic(path, "1");
  strictEqual(Deno.readTextFileSync(path), "1");
});

Deno.test({
  name: "a file never takes the place of a device, a pipe or a folder",
  ignore: !linux,
  async fn() {
    using folder = temporaryFolder();
    const device = join(folder.path, "device");
    Deno.symlinkSync("/dev/null", device);
    await expectError(() => writeAtomic(device, "1"), 2, device, "a device or a pipe");
    await expectError(() => writeAtomic("/dev/null", "1"), 2, "/dev/null", "a device or a pipe");
    await expectError(() => writeAtomic(folder.path, "1"), 2, folder.path, "a folder");
    ok(Deno.lstatSync(device).isSymlink && Deno.statSync("/dev/null").isCharDevice);
  },
});

Deno.test("what is in the way is named in one line", async () => {
  using folder = temporaryFolder();
  const file = folder.file("file", "1");
  await expectError(() => writeAtomic(join(file, "below"), "1"), 2, "a file where a folder should be");
  await expectError(() => writeAtomic(join(file, "far", "below"), "1"), 2, "a file where a folder should be");
  await expectError(() => writeAtomic(join(folder.path, "n".repeat(256)), "1"), 2, "too long");
  const loop = join(folder.path, "loop");
  Deno.symlinkSync(loop, loop);
  await expectError(() => writeAtomic(join(loop, "x"), "1"), 2, "circles");
});

Deno.test("what killed writers left is swept, what is being written, young or somebody's own is not", () => {
  using folder = temporaryFolder();
  const long = new Date(Date.now() - 3_600_000);
  const old = (name: string) => {
    const path = folder.file(name, "x");
    Deno.utimeSync(path, long, long);
    return path;
  };
  const [stale, busy, young] = [temporaryName(), temporaryName(), temporaryName()];
  const [staleFolder, foreignFolder] = [temporaryName(), temporaryName()];
  old(stale);
  using held = Deno.openSync(old(busy), { read: true });
  held.lockSync(true);
  folder.file(young, "x");
  old("mine.partial");
  folder.file(`${staleFolder}/${MARKER}`, JSON.stringify({ made_by: "latebench", kind: "index" }));
  Deno.utimeSync(join(folder.path, staleFolder, MARKER), long, long);
  folder.file(`${foreignFolder}/mine`, "x");
  writeAtomic(join(folder.path, "file"), "1");
  deepStrictEqual(namesIn(folder.path), [busy, young, foreignFolder, "file", "mine.partial"].sort());
});

Deno.test("a folder that was put aside by a process that died comes back under its name", () => {
  using folder = temporaryFolder();
  const aside = temporaryName();
  const marker = folder.file(
    `${aside}/${MARKER}`,
    JSON.stringify({ made_by: "latebench", kind: "index", replaces: "wiki" }),
  );
  folder.file(`${aside}/content`, "whole");
  const long = new Date(Date.now() - 3_600_000);
  Deno.utimeSync(marker, long, long);
  writeAtomic(join(folder.path, "file"), "1");
  deepStrictEqual(namesIn(folder.path), ["file", "wiki"]);
  strictEqual(Deno.readTextFileSync(join(folder.path, "wiki", "content")), "whole");
});

Deno.test("writeFolderAtomic() replaces its own folder, and leaves nothing else", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "index");
  for (const name of ["first", "second"]) {
    await writeFolderAtomic(path, (temporary) => {
      writeAtomic(join(temporary, name), "1");
      return Promise.resolve();
    }, { kind: "index" });
  }
  deepStrictEqual(namesIn(path), [MARKER, "second"]);
  deepStrictEqual(namesIn(folder.path), ["index"]);
});

Deno.test("a build that fails leaves nothing, and what was there as it was", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "index");
  const build = (fail: boolean) =>
    writeFolderAtomic(path, (temporary) => {
      writeAtomic(join(temporary, "part"), "1");
      return fail ? Promise.reject(new Error("crash")) : Promise.resolve();
    }, { kind: "index" });
  await build(true).then(() => ok(false), ({ message }) => strictEqual(message, "crash"));
  deepStrictEqual(namesIn(folder.path), []);
  await build(false);
  await build(true).then(() => ok(false), ({ message }) => strictEqual(message, "crash"));
  deepStrictEqual(namesIn(path), [MARKER, "part"]);
  deepStrictEqual(namesIn(folder.path), ["index"]);
});

Deno.test("a build that can be resumed finds what it had made, but nothing where the disk was full", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "entry");
  const found: string[][] = [];
  const build = (error: Error | null) =>
    writeFolderAtomic(path, (temporary) => {
      found.push(namesIn(temporary).filter((name) => name !== MARKER));
      writeAtomic(join(temporary, `part-${found.length}`), "1");
      return error ? Promise.reject(error) : Promise.resolve();
    }, { kind: "store entry", resume: true }).catch(() => {});
  await build(new Error("crash"));
  await build(Object.assign(new Error("full"), { code: "ENOSPC" }));
  deepStrictEqual(namesIn(folder.path), []);
  await build(null);
  deepStrictEqual(found, [[], ["part-1"], []]);
  deepStrictEqual(namesIn(folder.path), ["entry"]);
  ok(isFile(join(path, "part-3")));
});

Deno.test("builds of one folder at the same time all succeed, and one of them stays", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "index");
  await Promise.all(Array.from({ length: 8 }, (_, i) =>
    writeFolderAtomic(path, async (temporary) => {
      await new Promise((resolve) => setTimeout(resolve, i % 3));
      writeAtomic(join(temporary, `made-by-${i}`), "1");
    }, { kind: "index" })));
  deepStrictEqual(namesIn(folder.path), ["index"]);
  strictEqual(namesIn(path).length, 2);
});

Deno.test("what an interrupted build left is not taken where somebody else made it", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "entry");
  const { resumableOf } = await import("../../support/atomic_folder.ts");
  Deno.mkdirSync(resumableOf(path));
  Deno.writeTextFileSync(join(resumableOf(path), "mine"), "1");
  const rules = { kind: "store entry", resume: true } as const;
  await expectError(() => writeFolderAtomic(path, () => Promise.resolve(), rules), 2, "latebench did not make");
  ok(isFile(join(resumableOf(path), "mine")));
});

Deno.test({
  name: "a full disk is one line, the old file stays and no part of the new one does",
  ignore: !linux,
  async fn() {
    using folder = temporaryFolder();
    using scripts = temporaryFolder();
    const script = `import { writeAtomic } from "${new URL("../../support/atomic_write.ts", import.meta.url)}";
      try { writeAtomic(Deno.args[0] + "/big", new Uint8Array(1 << 22)); } catch (error) { console.log(error.message); }
      console.log([...Deno.readDirSync(Deno.args[0])].length);`;
    const run = `mount -t tmpfs -o size=1m tmpfs "$1" && "$2" run -A --config "$4" --no-lock "$3" "$1"`;
    const { success, stdout, stderr } = await new Deno.Command("unshare", {
      args: ["-rm", "sh", "-c", run, "sh", folder.path, Deno.execPath(), scripts.file("write.ts", script), CONFIG],
    }).output();
    const errors = new TextDecoder().decode(stderr);
    if (!success && /unshare|mount/.test(errors)) return console.error("skipped: no mount namespace here");
    const [told, left] = new TextDecoder().decode(stdout).trim().split("\n");
    ok(told?.includes("disk full"), told + errors);
    strictEqual(left, "0");
  },
});
