import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { basename, join } from "node:path";
import fc from "fast-check";
import { chooseKernel } from "../../kernels/choose.ts";
import { compileNative } from "../../kernels/compile_native.ts";
import { createKernel } from "../../kernels/kernel.ts";
import { topK } from "../../kernels/top_k.ts";
import { buildLoops } from "../../kernels/wasm/build.ts";
import { runProgram } from "../../support/run_program.ts";
import { TEST_STORE } from "../fixtures/store.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const COMPILER = (await runProgram("cc", ["--version"])).ok;

/** A test that needs a C compiler; its name says so where it is skipped. */
function nativeTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: COMPILER ? name : `${name} (skipped: no C compiler)`, ignore: !COMPILER, fn });
}

nativeTest("the native build is kept, and compiled again only for another source or compiler", async () => {
  using store = temporaryFolder();
  const first = await chooseKernel("auto", store.path);
  if (first.choice.name !== "native") throw new Error(first.note);
  const { mtime } = Deno.statSync(first.choice.library);
  const second = await chooseKernel("auto", store.path);
  deepStrictEqual(second.choice, first.choice);
  deepStrictEqual(Deno.statSync(first.choice.library).mtime, mtime);
});

Deno.test("loops.wasm is what its source compiles to", async () => {
  const checkedIn = Deno.readFileSync(new URL("../../kernels/wasm/loops.wasm", import.meta.url));
  deepStrictEqual(new Uint8Array(await buildLoops()), checkedIn);
});

Deno.test("topK() equals sorting everything, ties by number", () => {
  const scores = fc.array(fc.constantFrom(-Infinity, -1, 0, 0.5, 0.5, 1, 2), { maxLength: 60 });
  fc.assert(fc.property(scores, fc.nat(70), fc.boolean(), (values, k, reversed) => {
    const numbers = Int32Array.from(values, (_, i) => reversed ? 1000 - i : i);
    const expected = values.map((value, i) => ({ value, number: numbers[i] })).filter(({ value }) =>
      value !== -Infinity
    )
      .sort((a, b) => b.value - a.value || a.number - b.number).slice(0, k);
    const best = topK(Float32Array.from(values), k, reversed ? numbers : undefined);
    deepStrictEqual([...best.numbers], expected.map(({ number }) => number));
    deepStrictEqual([...best.scores], expected.map(({ value }) => value));
  }));
  strictEqual(topK(new Float32Array(0), 5).numbers.length, 0);
});

Deno.test("a damaged native library is compiled anew before it is loaded", async () => {
  using store = temporaryFolder();
  const first = await chooseKernel("auto", store.path);
  if (first.choice.name !== "native") return; // no compiler here
  Deno.truncateSync(first.choice.library, 5000);
  const second = await chooseKernel("native", store.path);
  deepStrictEqual(second, first);
  createKernel(second.choice).close();
});

Deno.test("where a damaged library cannot be replaced, WebAssembly is taken, with one line", async () => {
  using store = temporaryFolder();
  const first = await chooseKernel("auto", store.path);
  if (first.choice.name !== "native") return; // no compiler here
  store.file("file", "no folder");
  const { choice, note } = await chooseKernel("auto", join(store.path, "file"));
  deepStrictEqual(choice, { name: "wasm" });
  match(note!, /^native kernel not available \([^\n]+\); using wasm$/);
});

Deno.test("first uses at once all get a whole library, and leave nothing else", async () => {
  using store = temporaryFolder();
  const folder = join(store.path, "kernels");
  const made = await Promise.all(Array.from({ length: 8 }, () => compileNative(folder)));
  if ("problem" in made[0]) return; // no compiler here
  deepStrictEqual(new Set(made.map((one) => JSON.stringify(one))).size, 1, JSON.stringify(made.slice(0, 2)));
  deepStrictEqual(Array.from(Deno.readDirSync(folder), ({ name }) => name).sort(), [
    "compile.lock",
    basename(made[0].library),
  ]);
});

nativeTest("kernels of one library share it, and the last to close unloads it", async () => {
  const { choice } = await chooseKernel("native", TEST_STORE);
  const [first, second] = [createKernel(choice), createKernel(choice)];
  strictEqual(first.loops, second.loops, "loaded once");
  first.close();
  first.close();
  ok(Number.isFinite(second.limits!.fma(1)), "closing twice counts once: the other one still works");
  second.close();
  const third = createKernel(choice);
  ok(third.loops !== second.loops, "loaded anew");
  third.close();
});
