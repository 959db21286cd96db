import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { readMarker } from "../../support/owned_folder.ts";
import { fromFileUrl, isFile } from "../../support/paths.ts";
import { resumableOf } from "../../support/atomic_folder.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const CONFIG = fromFileUrl(new URL("../../deno.json", import.meta.url));
const SUPPORT = new URL("../../support/", import.meta.url).href;
const posix = Deno.build.os !== "windows";

/** Runs `body` under endCleanly(), sends a signal when it has written the file `ready`, and tells how it ended. */
async function stopped(folder: string, signal: Deno.Signal, permissions: string[], body: string) {
  using scripts = temporaryFolder();
  const script = scripts.file(
    "run.ts",
    `import { endCleanly } from "${SUPPORT}stop.ts";
     import { openAtomic, writeAtomic } from "${SUPPORT}atomic_write.ts";
     import { writeFolderAtomic } from "${SUPPORT}atomic_folder.ts";
     import { startProcess } from "${SUPPORT}process_worker.ts";
     const folder = Deno.args[0];
     const ready = (text = "") => Deno.writeTextFileSync(folder + "/ready", text);
     const bytes = new TextEncoder().encode("half");
     Deno.exit(await endCleanly(async () => { ${body}; return 0; }));`,
  );
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--config", CONFIG, "--no-lock", ...permissions, script, folder],
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const output = child.output();
  for (let i = 0; i < 600 && !isFile(join(folder, "ready")); i++) await wait(50);
  await wait(300); // the thread that watches is up
  child.kill(signal);
  const { code, stderr } = await output;
  const told = Deno.readTextFileSync(join(folder, "ready"));
  Deno.removeSync(join(folder, "ready"));
  return { code, told, stderr: new TextDecoder().decode(stderr) };
}

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
const BUSY = "const end = Date.now() + 60_000; while (Date.now() < end);";

Deno.test({
  name: "SIGINT and SIGTERM end a calculation that listens to nothing, and remove what it was writing",
  ignore: !posix,
  async fn() {
    for (const [signal, code] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
      using folder = temporaryFolder();
      const found = await stopped(
        folder.path,
        signal,
        ["-A"],
        `writeAtomic(folder + "/whole", "1");
         const file = openAtomic(folder + "/file"); file.write(bytes);
         await writeFolderAtomic(folder + "/index", (temporary) => {
           writeAtomic(temporary + "/part", "1");
           const inner = openAtomic(temporary + "/inner"); inner.write(bytes);
           ready(); ${BUSY} return Promise.resolve();
         }, { kind: "index" })`,
      );
      strictEqual(found.code, code, found.stderr);
      match(found.stderr, new RegExp(`ended by ${signal}`));
      deepStrictEqual(namesIn(folder.path), ["whole"]);
    }
  },
});

Deno.test({
  name: "programs that may not call libraries end in the same way",
  ignore: !posix,
  async fn() {
    using folder = temporaryFolder();
    const found = await stopped(
      folder.path,
      "SIGTERM",
      ["--allow-read", "--allow-write"],
      `const file = openAtomic(folder + "/file"); file.write(bytes);
       ready(); await new Promise((resolve) => setTimeout(resolve, 60_000))`,
    );
    strictEqual(found.code, 143, found.stderr);
    deepStrictEqual(namesIn(folder.path), []);
  },
});

Deno.test({
  name: "what can be resumed stays, and processes that were started end",
  ignore: !posix,
  async fn() {
    using folder = temporaryFolder();
    const echo = new URL("../fixtures/echo_process.ts", import.meta.url).href;
    const found = await stopped(
      folder.path,
      "SIGINT",
      ["-A"],
      `const child = startProcess(new URL("${echo}"));
       await writeFolderAtomic(folder + "/entry", (temporary) => {
         writeAtomic(temporary + "/part", "1"); openAtomic(temporary + "/inner").write(bytes);
         ready(String(child.pid)); ${BUSY} return Promise.resolve();
       }, { kind: "store entry", resume: true })`,
    );
    strictEqual(found.code, 130, found.stderr);
    const left = resumableOf(join(folder.path, "entry"));
    deepStrictEqual(namesIn(left).filter((name) => !name.startsWith(".")), ["part"]);
    strictEqual(readMarker(left)?.kind, "store entry");
    const pid = Number(found.told);
    let alive = true;
    for (let i = 0; i < 100 && alive; i++) {
      alive = isAlive(pid);
      if (alive) await wait(100);
    }
    ok(pid > 0 && !alive, "the process that was started goes on");
  },
});

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch {
    return false;
  }
}

Deno.test("a program that ends by itself keeps its exit code, and ends at once", async () => {
  using folder = temporaryFolder();
  const script = folder.file(
    "run.ts",
    `import { endCleanly } from "${SUPPORT}stop.ts"; import { writeAtomic } from "${SUPPORT}atomic_write.ts";
     endCleanly(() => { writeAtomic(Deno.args[0], "1"); return Promise.resolve(3); }).then(Deno.exit);`,
  );
  const { code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--config", CONFIG, "--no-lock", script, join(folder.path, "file")],
  }).output();
  strictEqual(code, 3);
});
