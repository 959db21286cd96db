import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { basename, dirname, join } from "node:path";
import fc from "fast-check";
import { compileNative } from "../../kernels/compile_native.ts";
import { NATIVE_SYMBOLS } from "../../kernels/native.ts";
import { elfSymbols } from "../../support/elf.ts";
import { sha256 } from "../../support/hash.ts";
import { keepLibrary, keptLibrary } from "../../support/kept_library.ts";
import { isFolder } from "../../support/paths.ts";
import { unfinishedPaths } from "../../support/unfinished.ts";
import { TEST_STORE } from "../fixtures/store.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const compiled = await compileNative(join(TEST_STORE, "kernels"));

/** A whole library; null without a compiler, and where the format of libraries is not read. */
const original = Deno.build.os === "linux" && "library" in compiled ? compiled.library : null;

/** Every way in which the library of a store may be damaged, and what is said of it. */
const DAMAGES: Readonly<Record<string, { does(library: string): void; says: RegExp }>> = {
  empty: { does: (library) => Deno.writeFileSync(library, new Uint8Array(0)), says: /damaged/ },
  cut: { does: (library) => Deno.truncateSync(library, 5000), says: /damaged/ },
  "with one other bit": {
    does(library) {
      const bytes = Deno.readFileSync(library);
      bytes[bytes.length >> 1] ^= 1;
      Deno.writeFileSync(library, bytes);
    },
    says: /damaged/,
  },
  "a text": { does: (library) => Deno.writeTextFileSync(library, "no library"), says: /damaged/ },
  "a text of the right hash": {
    does: (library) => replaceBy(library, new TextEncoder().encode("no library")),
    says: /no library of this machine/,
  },
  "another library of the right hash": {
    does: (library) => replaceBy(library, otherLibrary(dirname(library))),
    says: /a library without lanes, instructions, fast_bytes/,
  },
  "cut, of the right hash": {
    does: (library) => replaceBy(library, Deno.readFileSync(library).subarray(0, -100)),
    says: /no library of this machine/,
  },
  "writable by others": { does: (library) => Deno.chmodSync(library, 0o666), says: /writable by others/ },
  "a link": {
    does(library) {
      Deno.renameSync(library, `${library}.elsewhere`);
      Deno.symlinkSync(`${library}.elsewhere`, library);
    },
    says: /no regular file/,
  },
  "a folder": {
    does(library) {
      Deno.removeSync(library);
      Deno.mkdirSync(join(library, "sub"), { recursive: true });
    },
    says: /no regular file/,
  },
  "of another user": { does: (library) => Deno.chownSync(library, 4711, 4711), says: /a file of another user/ },
};

for (const [name, { does, says }] of Object.entries(DAMAGES)) {
  const ignore = original === null || (name === "of another user" && Deno.uid() !== 0);
  Deno.test({ name: `a library that is ${name} is made anew, not loaded`, ignore }, async () => {
    using store = temporaryFolder();
    const kind = { folder: store.path, stem: "made", ending: ".so", symbols: NATIVE_SYMBOLS };
    const make = () =>
      keepLibrary(kind, (_own, target) => {
        Deno.copyFileSync(original!, target);
        return Promise.resolve(null);
      });
    const first = await make();
    ok("library" in first, JSON.stringify(first));
    deepStrictEqual(keptLibrary(kind), { ...first, objections: [] });
    does(first.library);
    const { library, objections } = keptLibrary(kind);
    strictEqual(library, null);
    strictEqual(objections.length, 1);
    match(objections[0], says);
    const second = await make();
    ok("library" in second, JSON.stringify(second));
    strictEqual(keptLibrary(kind).library, second.library);
    const left = Array.from(Deno.readDirSync(store.path), (entry) => entry.name);
    ok(!left.some((entry) => entry.startsWith(".")), left.join());
  });
}

Deno.test("a folder in which a library is made goes with a signal, and is swept where its process was killed", async () => {
  using store = temporaryFolder();
  const kind = { folder: store.path, stem: "made", ending: ".so", symbols: [] };
  let own = "";
  await keepLibrary(kind, (folder) => {
    own = folder;
    ok(unfinishedPaths().includes(own), "a signal removes it");
    strictEqual((Deno.lstatSync(own).mode! & 0o777).toString(8), "700");
    return Promise.resolve("it stops here");
  });
  ok(!isFolder(own));
  ok(!unfinishedPaths().includes(own));
  match(basename(own), /^\.latebench-[0-9a-f]{32}\.partial$/, "the name of what is swept");
});

Deno.test("a library that lacks something, or is none, is not kept", async () => {
  using store = temporaryFolder();
  const kind = { folder: store.path, stem: "made", ending: ".so", symbols: ["no_such_symbol"] };
  const keep = (content: Uint8Array) =>
    keepLibrary(kind, (_own, target) => {
      Deno.writeFileSync(target, content);
      return Promise.resolve(null);
    });
  if (Deno.build.os === "linux") {
    deepStrictEqual(await keep(Uint8Array.of(1, 2)), { problem: "what was compiled is no library of this machine" });
  }
  if (original !== null) {
    const found = await keep(Deno.readFileSync(original));
    deepStrictEqual(found, { problem: "what was compiled is a library without no_such_symbol" });
  }
  deepStrictEqual([...Deno.readDirSync(store.path)], []);
});

/** Puts other bytes in a library's place, under the name that their own hash gives. */
function replaceBy(library: string, bytes: Uint8Array): void {
  Deno.removeSync(library);
  const path = library.replace(/-[0-9a-f]{16}\.so$/, `-${sha256(bytes).slice(0, 16)}.so`);
  Deno.writeFileSync(path, bytes, { mode: 0o755 });
}

function otherLibrary(folder: string): Uint8Array {
  const [source, made] = [join(folder, "other.c"), join(folder, "other.so")];
  Deno.writeTextFileSync(source, "int other(void) { return 1; }\n");
  const { success } = new Deno.Command("cc", { args: ["-shared", "-fPIC", source, "-o", made] }).outputSync();
  ok(success);
  return Deno.readFileSync(made);
}

Deno.test("what a library exports is read from its file, and never out of it", () => {
  if (original === null) return;
  const bytes = Deno.readFileSync(original);
  const whole = elfSymbols(bytes)!;
  for (const name of NATIVE_SYMBOLS) ok(whole.has(name), name);
  ok(!whole.has("malloc"), "not defined there");
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { maxLength: 40 }),
      fc.nat(400),
      (changes, head) => {
        const damaged = bytes.slice();
        for (const [at, value] of changes) damaged[head % 2 === 0 ? at : at % 64] = value;
        elfSymbols(damaged);
        elfSymbols(damaged.subarray(0, head));
      },
    ),
    { numRuns: 200 },
  );
});
