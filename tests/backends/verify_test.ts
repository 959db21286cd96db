import { strictEqual } from "node:assert/strict";
import { verifyFiles } from "../../backends/vectors/verify.ts";
import { splitWork } from "../../backends/vectors/work.ts";
import { sha256 } from "../../support/hash.ts";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

const CONTENT = Uint8Array.from({ length: 1000 }, (_, i) => i);

Deno.test("files are read once, and again when they were replaced", async () => {
  using folder = temporaryFolder();
  const file = folder.file("a.rows", CONTENT);
  const record = `${folder.path}/.verified.json`;
  const expected = [{ file, bytes: 1000, sha256: sha256(CONTENT) }];
  const check = () => verifyFiles(record, expected);
  check();
  const written = Deno.statSync(record).mtime!.getTime();
  check();
  strictEqual(Deno.statSync(record).mtime!.getTime(), written);

  // Same size and time: nobody looks. Another time: the checksum is compared.
  const { mtime } = Deno.statSync(file);
  folder.file("a.rows", CONTENT.map((value) => value ^ 1));
  Deno.utimeSync(file, mtime!, mtime!);
  check();
  Deno.utimeSync(file, new Date(0), new Date(0));
  await expectError(check, 2, "a.rows", "checksum");

  folder.file("a.rows", CONTENT.subarray(0, 999));
  await expectError(check, 2, "a.rows", "999 bytes", "1000 bytes");
  Deno.removeSync(file);
  await expectError(check, 2, "a.rows");
});

Deno.test("work is split by tokens, in order, without gaps", () => {
  const lengths = Int32Array.from({ length: 5000 }, (_, i) => (i * 31) % 180);
  const shards = [0, 1024, 2048, 3072, 4096];
  const total = lengths.reduce((sum, n) => sum + n, 0);
  for (const tasks of [1, 2, 8]) {
    const split = splitWork(shards, lengths, tasks);
    const parts = split.flat();
    let next = 0;
    for (const { shard, from, until } of parts) {
      strictEqual(from, next);
      strictEqual(from >= shards[shard] && until <= (shards[shard + 1] ?? lengths.length), true);
      next = until;
    }
    strictEqual(next, lengths.length);
    for (const task of split.slice(0, -1)) {
      const tokens = task.reduce(
        (sum, { from, until }) => sum + lengths.subarray(from, until).reduce((a, b) => a + b, 0),
        0,
      );
      strictEqual(
        tokens >= total / tasks && tokens < total / tasks + 180,
        true,
        `${tasks} tasks: ${tokens} of ${total}`,
      );
    }
  }
});
