import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { createKernel } from "../../kernels/kernel.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";
import { builds } from "./builds.ts";

Deno.test("mapFile() maps files, and neither waits for pipes nor maps devices and folders", async () => {
  using folder = temporaryFolder();
  const pipe = join(folder.path, "pipe");
  ok((await new Deno.Command("mkfifo", { args: [pipe] }).output()).success);
  const file = folder.file("file", Uint8Array.of(1, 2, 3));
  for (const choice of (await builds()).filter(({ name }) => name === "native")) {
    const kernel = createKernel(choice);
    for (const path of [pipe, "/dev/zero", folder.path, join(folder.path, "missing")]) {
      strictEqual(kernel.mapFile!(path, 4096), null, path);
    }
    strictEqual(kernel.mapFile!(file, 4), null, "more bytes than it has");
    const map = kernel.mapFile!(file, 3)!;
    deepStrictEqual([...map.bytes], [1, 2, 3]);
    map[Symbol.dispose]();
    kernel.close();
  }
});
