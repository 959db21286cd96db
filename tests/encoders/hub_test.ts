import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { downloadModel } from "../../encoders/hub.ts";
import { sha256 } from "../../support/hash.ts";
import { isFile } from "../../support/paths.ts";
import { expectError } from "../fixtures/expect.ts";
import { fileServer } from "../fixtures/file_server.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const MODEL = new Uint8Array(60_000).map((_, i) => i % 251);
const CONFIG = new TextEncoder().encode('{"dim":128}');
const TOKENIZER = new TextEncoder().encode("{}");

function blobId(content: Uint8Array): string {
  return createHash("sha1").update(`blob ${content.length}\0`).update(content).digest("hex");
}

/** The hub's answers for one model. */
function hubFiles(modelHash = sha256(MODEL)): Record<string, Uint8Array | string> {
  const siblings = [
    { rfilename: "README.md", size: 5, blobId: "0" },
    { rfilename: "artifact.metadata", size: CONFIG.length, blobId: blobId(CONFIG) },
    { rfilename: "tokenizer.json", size: TOKENIZER.length, blobId: blobId(TOKENIZER) },
    { rfilename: "model.onnx", size: MODEL.length, blobId: "1", lfs: { sha256: modelHash, size: MODEL.length } },
  ];
  return {
    "/api/models/some/model/revision/main?blobs=true": JSON.stringify({ sha: "c0ffee", siblings }),
    "/some/model/resolve/c0ffee/artifact.metadata": CONFIG,
    "/some/model/resolve/c0ffee/tokenizer.json": TOKENIZER,
    "/some/model/resolve/c0ffee/model.onnx": MODEL,
  };
}

async function withHub(
  files: Record<string, Uint8Array | string>,
  breakAfter: number | undefined,
  act: () => Promise<void>,
) {
  await using server = fileServer(files, { breakAfter });
  const before = Deno.env.get("HF_ENDPOINT");
  Deno.env.set("HF_ENDPOINT", server.url);
  try {
    await act();
  } finally {
    if (before === undefined) Deno.env.delete("HF_ENDPOINT");
    else Deno.env.set("HF_ENDPOINT", before);
  }
}

Deno.test("hf:owner/name downloads what an encoder needs, over broken connections, once", async () => {
  using store = temporaryFolder();
  let folder = "";
  await withHub(hubFiles(), 25_000, async () => {
    folder = await downloadModel("some/model", store.path, true);
  });
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  deepStrictEqual(names, ["artifact.metadata", "download.json", "model.onnx", "tokenizer.json"]);
  deepStrictEqual(Deno.readFileSync(join(folder, "model.onnx")), MODEL);
  strictEqual(JSON.parse(Deno.readTextFileSync(join(folder, "download.json"))).sha, "c0ffee");
  await withHub({}, undefined, async () => { // the second time needs no hub
    strictEqual(await downloadModel("some/model", store.path, true), folder);
  });
});

Deno.test("a model with a wrong checksum is not taken for whole", async () => {
  using store = temporaryFolder();
  await withHub(hubFiles("0".repeat(64)), undefined, async () => {
    await expectError(() => downloadModel("some/model", store.path, true), 2, "model.onnx", "sha256");
  });
  ok(!isFile(join(store.path, "some--model@main", "model.onnx")));
  ok(!isFile(join(store.path, "some--model@main", "download.json")));
});

Deno.test("unknown models and models without ONNX are one clear line", async () => {
  using store = temporaryFolder();
  await withHub(hubFiles(), undefined, async () => {
    await expectError(() => downloadModel("some/other", store.path, true), 2, "404");
    await expectError(() => downloadModel("no-slash", store.path, true), 2, "owner/name");
  });
  const bare = JSON.stringify({ sha: "1", siblings: [{ rfilename: "model.safetensors" }] });
  await withHub({ "/api/models/some/model/revision/main?blobs=true": bare }, undefined, async () => {
    await expectError(() => downloadModel("some/model", store.path, true), 2, "no ONNX file");
  });
});
