import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { buildPlaidIndex } from "../../../backends/plaid/build/build_index.ts";
import type { BuildSettings } from "../../../backends/plaid/index/format.ts";
import { openPlaidIndex } from "../../../backends/plaid/index/open_index.ts";
import { readEmbeddings } from "../../../encoders/embeddings/read.ts";
import { fromFileUrl } from "../../../support/paths.ts";
import { expectError } from "../../fixtures/expect.ts";
import { writeRandomEmbeddings } from "../../fixtures/random_embeddings.ts";
import { temporaryFolder } from "../../fixtures/temporary.ts";

const REST = {
  partitions: "auto",
  kmeans_niters: 4,
  points_per_centroid: 256,
  nearby: 1 / 8,
  seed: 5,
} as const;
const SETTINGS = { nbits: 2, ...REST } as const;
const KERNEL = { name: "wasm" } as const;

/** All files of a folder by name. */
function contents(folder: string): Map<string, Uint8Array> {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => !name.startsWith(".")).sort();
  return new Map(names.map((name) => [name, Deno.readFileSync(join(folder, name))]));
}

async function build(
  vectors: string,
  folder: string,
  threads: number,
  settings: BuildSettings = SETTINGS,
): Promise<void> {
  Deno.mkdirSync(folder, { recursive: true });
  await buildPlaidIndex(readEmbeddings(vectors), folder, settings, {
    kernel: KERNEL,
    threads,
    quiet: true,
  });
}

Deno.test("the same index comes out with any number of threads; another seed gives another one", async () => {
  using folder = temporaryFolder();
  const vectors = join(folder.path, "vectors");
  writeRandomEmbeddings(vectors, { passages: 3000, dim: 16, shards: 20 });
  for (const threads of [1, 3]) await build(vectors, join(folder.path, String(threads)), threads);
  const one = contents(join(folder.path, "1"));
  deepStrictEqual(contents(join(folder.path, "3")), one);
  deepStrictEqual([...one.keys()], [
    "centroids.f16",
    "codes.bin",
    "ids.json",
    "lengths.bin",
    "list_sizes.bin",
    "lists.bin",
    "norms.bin",
    "plaid.json",
    "residuals.bin",
  ]);
  await build(vectors, join(folder.path, "other"), 2, { ...SETTINGS, seed: 6 });
  ok(
    JSON.stringify([...contents(join(folder.path, "other")).get("codes.bin")!]) !==
      JSON.stringify([...one.get("codes.bin")!]),
  );
});

for (const [residuals, own] of [[{ pq: 4 }, "codebooks.f32"], [{ step: 2 }, "residual_sizes.bin"]] as const) {
  const name = JSON.stringify(residuals);
  Deno.test(`residuals ${name}: any number of threads, and a build that goes on, make the same index`, async () => {
    using folder = temporaryFolder();
    const vectors = join(folder.path, "vectors");
    writeRandomEmbeddings(vectors, { passages: 3000, dim: 16, shards: 40 });
    const settings = { ...residuals, ...REST };
    for (const threads of [1, 3]) await build(vectors, join(folder.path, String(threads)), threads, settings);
    const one = contents(join(folder.path, "1"));
    deepStrictEqual(contents(join(folder.path, "3")), one);
    ok(one.has(own));
    // The last chunk's codes cannot be written: what is there before is used by the build that goes on.
    const broken = join(folder.path, "broken");
    const obstacle = join(broken, "chunk-00002.partial.codes");
    Deno.mkdirSync(obstacle, { recursive: true });
    await rejects(build(vectors, broken, 2, settings));
    ok([...Deno.readDirSync(broken)].some(({ name }) => name === "chunk-00001.partial.sizes"));
    Deno.removeSync(obstacle);
    await build(vectors, broken, 2, settings);
    deepStrictEqual(contents(broken), one);
  });
}

Deno.test("residuals that do not fit the dimensions are refused", async () => {
  using folder = temporaryFolder();
  const vectors = join(folder.path, "vectors");
  writeRandomEmbeddings(vectors, { passages: 20, dim: 12, shards: 1 });
  await expectError(() => build(vectors, join(folder.path, "pq"), 1, { pq: 5, ...REST }), 2, "pq=5", "12 dimensions");
  await expectError(() => build(vectors, join(folder.path, "bits"), 1, { nbits: 1, ...REST }), 2, "nbits=1");
});

Deno.test("a build that was killed goes on from its last chunk, to the same index", async () => {
  using folder = temporaryFolder();
  const vectors = join(folder.path, "vectors");
  writeRandomEmbeddings(vectors, { passages: 6000, dim: 16, shards: 80 });
  const whole = join(folder.path, "whole");
  await build(vectors, whole, 2);
  const killed = join(folder.path, "killed");
  const program = `
    import { readEmbeddings } from "${new URL("../../../encoders/embeddings/read.ts", import.meta.url)}";
    import { buildPlaidIndex } from "${new URL("../../../backends/plaid/build/build_index.ts", import.meta.url)}";
    Deno.mkdirSync(${JSON.stringify(killed)}, { recursive: true });
    await buildPlaidIndex(readEmbeddings(${JSON.stringify(vectors)}), ${JSON.stringify(killed)}, ${
    JSON.stringify(SETTINGS)
  },
      { kernel: { name: "wasm" }, threads: 1, quiet: true });`;
  const file = folder.file("build.ts", program);
  const config = fromFileUrl(new URL("../../../deno.json", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--no-check", "--quiet", "--config", config, file],
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const first = join(killed, "chunk-00001.partial.json");
  const exists = () => {
    try {
      return Deno.statSync(first).isFile;
    } catch {
      return false;
    }
  };
  const ended = child.output();
  let over = false;
  ended.then(() => over = true);
  while (!exists() && !over) await new Promise((resolve) => setTimeout(resolve, 1));
  try {
    child.kill("SIGKILL");
  } catch { /* it was faster */ }
  const { stderr } = await ended;
  const left = [...contents(killed).keys()];
  ok(left.some((name) => name.includes("partial")) || left.includes("plaid.json"), new TextDecoder().decode(stderr));
  await build(vectors, killed, 2);
  deepStrictEqual(contents(killed), contents(whole));
});

Deno.test("chunks that another codebook made are not used", async () => {
  using folder = temporaryFolder();
  const vectors = join(folder.path, "vectors");
  writeRandomEmbeddings(vectors, { passages: 400, dim: 16, shards: 2 });
  const whole = join(folder.path, "whole");
  await build(vectors, whole, 1);
  const target = join(folder.path, "target");
  Deno.mkdirSync(target);
  Deno.writeTextFileSync(
    join(target, "chunk-00000.partial.json"),
    JSON.stringify({ tokens: 1, codebook: "another", sha256: { codes: "", residuals: "", factors: "", sizes: "" } }),
  );
  await build(vectors, target, 1);
  deepStrictEqual(contents(target), contents(whole));
});

Deno.test("files that were cut off, changed or taken away are refused when the index is opened", async () => {
  using folder = temporaryFolder();
  const vectors = join(folder.path, "vectors");
  writeRandomEmbeddings(vectors, { passages: 100, dim: 16, shards: 1 });
  const index = join(folder.path, "index");
  await build(vectors, index, 1);
  const open = () => openPlaidIndex(index, { kernel: KERNEL, int8: false });
  strictEqual(open().setup.header.passages, 100);
  for (const [name, bytes] of contents(index)) {
    if (name === "plaid.json") continue;
    const file = join(index, name);
    Deno.writeFileSync(file, bytes.subarray(1));
    await expectError(open, 2, name, `${bytes.length - 1} bytes`);
    Deno.writeFileSync(file, bytes.map((byte) => byte ^ 1));
    await expectError(open, 2, name, "checksum");
    Deno.removeSync(file);
    await expectError(open, 2, name, "no such file");
    Deno.writeFileSync(file, bytes);
  }
  const header = Deno.readTextFileSync(join(index, "plaid.json"));
  Deno.writeTextFileSync(join(index, "plaid.json"), header.replace("latebench-plaid", "something"));
  await expectError(open, 2, "plaid.json", "the header of a PLAID index");
  await expectError(() => openPlaidIndex(vectors, { kernel: KERNEL, int8: false }), 2, "no such file");
});

Deno.test("dimensions that do not fill bytes, and too many partitions, are refused in one line", async () => {
  using folder = temporaryFolder();
  const vectors = join(folder.path, "vectors");
  const embeddings = writeRandomEmbeddings(vectors, { passages: 60, dim: 12, shards: 1 });
  const options = { kernel: KERNEL, threads: 1, quiet: true };
  await expectError(
    () => buildPlaidIndex(embeddings, folder.path, { ...SETTINGS, nbits: 1 }, options),
    2,
    "12 dimensions",
  );
  const many = { ...SETTINGS, partitions: 100_000 };
  await expectError(() => buildPlaidIndex(embeddings, folder.path, many, options), 2, "partitions=100000", "rows");
});
