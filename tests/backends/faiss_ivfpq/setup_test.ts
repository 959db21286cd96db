import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Published } from "../../../backends/faiss_ivfpq/faiss_node/prebuilt.ts";
import { type FaissSetup, findFaiss } from "../../../backends/faiss_ivfpq/faiss_node/found.ts";
import { setUpFaiss } from "../../../backends/faiss_ivfpq/faiss_node/setup.ts";
import { sha256 } from "../../../support/hash.ts";
import { fromFileUrl } from "../../../support/paths.ts";
import { fileServer } from "../../fixtures/file_server.ts";
import { realFaiss } from "../../fixtures/real_faiss.ts";
import { tar } from "../../fixtures/tar.ts";
import { temporaryFolder } from "../../fixtures/temporary.ts";

const SETUP = new URL("../../../backends/faiss_ivfpq/faiss_node/setup.ts", import.meta.url);
const ROOT = fromFileUrl(new URL("../../../", import.meta.url));
const faiss = realFaiss();

/** Sets FAISS up in a process that finds no programs but `programs`, shell scripts that can write to `$LOG`. */
async function setUpWith(
  folder: ReturnType<typeof temporaryFolder>,
  programs: Readonly<Record<string, string>>,
  install = true,
): Promise<{ found: Partial<FaissSetup> & { problem?: string }; stderr: string; log: string }> {
  const bin = join(folder.path, "bin");
  Deno.mkdirSync(bin, { recursive: true });
  for (const [name, script] of Object.entries(programs)) {
    Deno.writeTextFileSync(join(bin, name), `#!/bin/sh\necho "${name} $*" >> "$LOG"\n${script}\n`, { mode: 0o755 });
  }
  const log = folder.file("log", "");
  const code = `import { setUpFaiss } from "${SETUP}";
    console.log(JSON.stringify(await setUpFaiss("${
    join(folder.path, "store")
  }", { quiet: false, published: null, install: ${install} })));`;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", "--config", join(ROOT, "deno.json"), code],
    env: { PATH: bin, LOG: log, MARK: join(folder.path, "installed") },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  ok(stdout.length > 0, text(stderr));
  return { found: JSON.parse(text(stdout)), stderr: text(stderr), log: Deno.readTextFileSync(log) };
}

/** A compiler that knows FAISS once `$MARK` is there, and "compiles" by taking what is there already. */
const COMPILER = `case "$*" in
*--version*) echo "c++ 1.0";;
*faiss/Index.h\\ /dev/null*)
  [ -e "$MARK" ] || { echo "fatal error: faiss/Index.h: No such file" >&2; exit 1; }
  echo "#define FAISS_VERSION_MAJOR 1"; echo "#define FAISS_VERSION_MINOR 7"; echo "#define FAISS_VERSION_PATCH 3";;
*) while [ "$1" != -o ]; do shift; done; /bin/cp "${faiss?.library ?? "/nowhere"}" "$2";;
esac`;

Deno.test("without a compiler FAISS is missing, in one line", async () => {
  using folder = temporaryFolder();
  const { found, stderr } = await setUpWith(folder, {});
  match(
    found.problem!,
    /no build of faiss-node for .+; no C\+\+ compiler \(c\+\+\).*: apt-get install g\+\+ libfaiss-dev/,
  );
  ok(!found.problem!.includes("\n"));
  strictEqual(stderr, "");
});

Deno.test("nothing is installed where that is forbidden", async () => {
  using folder = temporaryFolder();
  const { found, stderr, log } = await setUpWith(
    folder,
    { "c++": COMPILER, "apt-get": "exit 0" },
    false,
  );
  match(found.problem!, /the system has no FAISS, and --no-install forbids installing it \(apt-get install g\+\+ /);
  strictEqual(stderr, "");
  ok(!log.includes("apt-get"), log);
});

Deno.test("without network, installing fails in one line", async () => {
  using folder = temporaryFolder();
  const offline =
    `echo "Reading package lists..."; echo "W: retrying" >&2; echo "E: Unable to fetch some archives" >&2; exit 100`;
  const { found, stderr, log } = await setUpWith(folder, { "c++": COMPILER, "apt-get": offline });
  if (Deno.uid() !== 0) {
    return match(found.problem!, /only root can install it: apt-get install g\+\+ libfaiss-dev libopenblas-dev/);
  }
  match(found.problem!, /the system has no FAISS, and apt-get: E: Unable to fetch some archives/);
  match(stderr, /^installing libfaiss-dev libopenblas-dev with apt-get \(--no-install forbids it\)\n$/);
  const calls = log.split("\n").filter((line) => line.startsWith("apt-get"));
  deepStrictEqual(calls.map((call) => call.split(" ")[1]), ["install", "update"]);
});

const asRoot = { ignore: !faiss || Deno.uid() !== 0 };

Deno.test({ name: "a fresh machine learns of packages, installs FAISS and compiles once", ...asRoot }, async () => {
  using folder = temporaryFolder();
  const aptGet = `case "$1" in
update) : > "$MARK.lists";;
install) [ -e "$MARK.lists" ] || { echo "E: Unable to locate package libfaiss-dev" >&2; exit 100; }; : > "$MARK";;
esac`;
  const programs = { "c++": COMPILER, "apt-get": aptGet };
  const { found, log } = await setUpWith(folder, programs);
  deepStrictEqual([found.version, found.origin], ["1.7.3", "compiled"], JSON.stringify(found));
  match(log, /c\+\+ .*-fopenmp.*faiss\.cc -o .* -lfaiss -lopenblas/);
  const again = await setUpWith(folder, programs);
  deepStrictEqual(again.found, found);
  ok(!/apt-get|faiss\.cc/.test(again.log), again.log);
  Deno.truncateSync(found.library!, 5000);
  const mended = await setUpWith(folder, programs);
  deepStrictEqual(mended.found, found);
  match(mended.log, /faiss\.cc -o/);
});

Deno.test({ name: "the published build is taken where its checksum is right", ignore: !faiss }, async () => {
  using folder = temporaryFolder();
  const library = Deno.readFileSync(faiss!.library);
  const archive = gzipSync(await tar([["build/Release/faiss-node.node", library]]));
  await using server = fileServer({ "/faiss.tar.gz": archive, "/other.tar.gz": gzipSync(await tar([["x", "y"]])) });
  const published = (name: string, content: Uint8Array): Published => ({
    url: `${server.url}/${name}.tar.gz`,
    sha256: sha256(content),
  });
  const store = join(folder.path, "store");
  const found = await setUpFaiss(store, { quiet: true, published: published("faiss", archive) });
  ok("library" in found && found.library.startsWith(store), JSON.stringify(found));
  deepStrictEqual([found.version, found.origin], ["1.7.4", "prebuilt"]);
  strictEqual(server.ranges.length, 1);
  await setUpFaiss(store, { quiet: true, published: published("faiss", archive) });
  strictEqual(server.ranges.length, 1, "kept");

  const wrong = [
    published("faiss", library), // another checksum
    published("other", Deno.readFileSync(faiss!.library)),
    { url: "http://127.0.0.1:9/faiss.tar.gz", sha256: sha256(archive) },
  ];
  for (const [i, published] of wrong.entries()) {
    const instead = await setUpFaiss(join(folder.path, `other-${i}`), { quiet: true, published });
    ok("library" in instead && instead.origin === "compiled", JSON.stringify(instead));
  }
  const asked = server.ranges.length;
  const again = await setUpFaiss(join(folder.path, "other-0"), { quiet: true, published: published("faiss", archive) });
  ok("library" in again && again.origin === "compiled", JSON.stringify(again));
  strictEqual(server.ranges.length, asked, "what was compiled is kept, and nothing fetched");
});

Deno.test("what setup made is found, and nothing else", { ignore: !faiss }, async () => {
  using folder = temporaryFolder();
  const archive = gzipSync(await tar([["build/Release/faiss-node.node", Deno.readFileSync(faiss!.library)]]));
  const store = join(folder.path, "store");
  const problemOf = () => {
    const found = findFaiss(store);
    return "problem" in found ? found.problem : "";
  };
  match(problemOf(), /none was set up in .*store/);
  await using server = fileServer({ "/faiss.tar.gz": archive });
  const made = await setUpFaiss(store, {
    quiet: true,
    published: { url: `${server.url}/faiss.tar.gz`, sha256: sha256(archive) },
  });
  deepStrictEqual(findFaiss(store), made);
  const record = join(store, "faiss", "setup.json");
  const written = Deno.readTextFileSync(record);
  for (const library of ["../../elsewhere.node", "/lib/elsewhere.node"]) {
    Deno.writeTextFileSync(record, JSON.stringify({ ...JSON.parse(written), library }));
    match(problemOf(), /setup\.json.*not a relative path inside the folder/s);
  }
  Deno.writeTextFileSync(record, written);
  const { library } = made as FaissSetup;
  const changed = Deno.readFileSync(library);
  changed[changed.length - 1] ^= 1;
  Deno.writeFileSync(library, changed);
  match(problemOf(), /faiss-node\.node is not the file that was set up/);
  Deno.removeSync(library);
  match(problemOf(), /faiss-node\.node is gone/);
});
