import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { download } from "../../support/download.ts";
import { sha256 } from "../../support/hash.ts";
import { isFile } from "../../support/paths.ts";
import { expectError } from "../fixtures/expect.ts";
import { fileServer } from "../fixtures/file_server.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const CONTENT = new TextEncoder().encode("0123456789".repeat(5000));
const CHECKSUM = { kind: "sha256", value: sha256(CONTENT) } as const;

Deno.test("download() takes up a broken connection where it ended", async () => {
  using folder = temporaryFolder();
  await using server = fileServer({ "/model": CONTENT }, { breakAfter: 20_000 });
  const path = join(folder.path, "model");
  await download(`${server.url}/model`, path, { size: CONTENT.length, checksum: CHECKSUM }, true);
  deepStrictEqual(Deno.readFileSync(path), CONTENT);
  deepStrictEqual(server.ranges, [null, "bytes=20000-", "bytes=40000-"]);
});

Deno.test("download() starts anew where the server has no ranges", async () => {
  using folder = temporaryFolder();
  await using server = fileServer({ "/model": CONTENT }, { ranges: false });
  const path = join(folder.path, "model");
  folder.file("model.partial", "rubbish");
  await download(`${server.url}/model`, path, { size: CONTENT.length, checksum: CHECKSUM }, true);
  deepStrictEqual(Deno.readFileSync(path), CONTENT);
});

Deno.test("download() refuses a wrong checksum and keeps nothing", async () => {
  using folder = temporaryFolder();
  await using server = fileServer({ "/model": CONTENT });
  const path = join(folder.path, "model");
  const wrong = { kind: "sha256", value: "0".repeat(64) } as const;
  await expectError(
    () => download(`${server.url}/model`, path, { checksum: wrong }, true),
    2,
    CHECKSUM.value,
    wrong.value,
  );
  deepStrictEqual([isFile(path), isFile(`${path}.partial`)], [false, false]);
});

Deno.test("download() names a missing file and a dead server", async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, "model");
  await using server = fileServer({});
  await expectError(() => download(`${server.url}/none`, path, {}, true), 2, "/none", "404");
  await expectError(() => download("http://127.0.0.1:9/x", path, {}, true), 2, "127.0.0.1:9", "no connection");
  strictEqual(isFile(path), false);
});
