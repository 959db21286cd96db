import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { markFolder } from "../../support/owned_folder.ts";
import { lockFile, lockFolder, lockShared, lockUnread } from "../../support/lock.ts";
import { isFile } from "../../support/paths.ts";
import { dropFolder, holdFolder, holdWhole, type SharedFolder } from "../../support/shared_folder.ts";
import { fromFileUrl } from "../../support/paths.ts";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const RULES = { kind: "store entry" } as const;

/** A folder of one file, and how often it was made. */
function counted(anew = false): SharedFolder & { made: string[] } {
  const made: string[] = [];
  return {
    made,
    anew,
    rules: RULES,
    isWhole: (folder) => isFile(join(folder, "whole")),
    async make(folder) {
      made.push(folder);
      Deno.mkdirSync(folder, { recursive: true });
      if (!isFile(join(folder, ".latebench-folder.json"))) markFolder(folder, RULES.kind);
      await new Promise((done) => setTimeout(done, 2));
      Deno.writeTextFileSync(join(folder, "whole"), "");
    },
  };
}

const entries = (folder: string) => Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();

Deno.test("a folder that many want at once is made once, and stays for all of them", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "one");
  const how = counted();
  const held = await Promise.all(Array.from({ length: 10 }, () => holdFolder(path, how)));
  deepStrictEqual(how.made, [path]);
  deepStrictEqual(new Set(held.map((one) => one.folder)), new Set([path]));
  for (const one of held) one[Symbol.dispose]();
});

Deno.test("a folder that is read is made anew beside it, and goes when nobody reads it", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "one");
  const old = await holdFolder(path, counted());
  const forced = await holdFolder(path, counted(true));
  strictEqual(forced.folder, `${path}.1`);
  ok(isFile(join(old.folder, "whole")));
  {
    using later = await holdFolder(path, counted());
    strictEqual(later.folder, forced.folder, "the newest one holds");
    ok(isFile(join(old.folder, "whole")), "somebody reads it still");
  }
  old[Symbol.dispose]();
  {
    using later = await holdFolder(path, counted());
    strictEqual(later.folder, forced.folder);
    deepStrictEqual(entries(folder.path), ["one.1", "one.lock"]);
  }
  const again = await holdFolder(path, counted(true));
  strictEqual(again.folder, `${path}.2`);
  forced[Symbol.dispose]();
  again[Symbol.dispose]();
  using alone = await holdFolder(path, counted(true));
  strictEqual(alone.folder, path, "nobody reads one");
  deepStrictEqual(entries(folder.path), ["one", "one.lock"]);
});

Deno.test("what could not be made is made by the next one, which finds what is left of it", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "one");
  const how = counted();
  const failing = {
    ...how,
    make(own: string) {
      Deno.mkdirSync(own);
      Deno.writeTextFileSync(join(own, "half"), "");
      throw new Error("killed");
    },
  };
  await rejects(holdFolder(path, failing), /killed/);
  strictEqual(await holdWhole(path, how), null);
  using held = await holdFolder(path, how);
  deepStrictEqual(entries(held.folder), [".latebench-folder.json", ".readers.lock", "half", "whole"]);
});

Deno.test("a folder is dropped by the last one that holds it", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "one");
  const [a, b] = [await holdFolder(path, counted()), await holdWhole(path, counted())];
  a[Symbol.dispose]();
  await dropFolder(path, { rules: RULES });
  ok(isFile(join(path, "whole")));
  b![Symbol.dispose]();
  await dropFolder(path, { rules: RULES });
  deepStrictEqual(entries(folder.path), ["one.lock"]);
  strictEqual(await holdWhole(path, counted()), null);
});

Deno.test("a lock ends with its process, and tells that it is waited for", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "x.lock");
  const code = `import { lockFile } from "${new URL("../../support/lock.ts", import.meta.url)}";
    globalThis.held = await lockFile(${JSON.stringify(path)}, "waiting");
    console.log("mine");
    await new Promise((done) => setTimeout(done, 1e9));`;
  const config = fromFileUrl(new URL("../../deno.json", import.meta.url));
  const start = () =>
    new Deno.Command(Deno.execPath(), {
      args: ["eval", "--no-check", "--config", config, code],
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  const holder = start();
  await firstText(holder.stdout);
  strictEqual(lockUnread(path), null);
  strictEqual(lockShared(path), null);
  const waiter = start();
  match(await firstText(waiter.stderr), /^waiting\n/);
  holder.kill("SIGKILL");
  strictEqual(await firstText(waiter.stdout), "mine\n");
  waiter.kill("SIGKILL");
  await Promise.all([holder.status, waiter.status]);
  using _mine = await lockFile(path);
  await Promise.all([holder, waiter].flatMap(({ stdout, stderr }) => [stdout, stderr].map((one) => one.cancel())));
});

async function firstText(stream: ReadableStream<Uint8Array>): Promise<string> {
  const reader = stream.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return new TextDecoder().decode(value);
}

Deno.test("a lock's place that holds a pipe, a folder or a link is refused, and a file above it told", async () => {
  using folder = temporaryFolder();
  const place = (name: string) => join(folder.path, name);
  Deno.mkdirSync(place("folder.lock"));
  Deno.symlinkSync(place("elsewhere"), place("link.lock"));
  folder.file("file", "");
  for (const name of ["folder", "link", "file/below"]) {
    await expectError(() => lockFolder(place(name)), 2, ".lock");
  }
  deepStrictEqual(entries(folder.path), ["file", "folder.lock", "link.lock"]);
  if (Deno.build.os === "windows") return;
  ok(new Deno.Command("mkfifo", { args: [place("pipe.lock")] }).outputSync().success);
  await expectError(() => lockFolder(place("pipe")), 2, "something that is no file");
});
