import { deepStrictEqual, strictEqual } from "node:assert";
import { join } from "node:path";
import { holdVerified, type Verification, verifyFiles } from "../../backends/vectors/verify.ts";
import { splitWork } from "../../backends/vectors/work.ts";
import { sha256 } from "../../support/hash.ts";
import { expectError } from "../fixtures/expect.ts";
import { temporaryFolder } from "../fixtures/temporary.ts";

/** More than what is read at every opening. */
const LARGE = Uint8Array.from({ length: 3 << 20 }, (_, i) => i);
const SMALL = LARGE.subarray(0, 1000);
const HOUR = 3600_000;

/** A file that was changed long ago, as far as the notes in a store can tell. */
function verified(folder: { path: string; file(name: string, content: Uint8Array): string }, content: Uint8Array) {
  const file = folder.file("a.rows", content);
  const expected = [{ file, bytes: content.length, sha256: sha256(content) }];
  const store = join(folder.path, "store");
  const check = (verification: Verification = {}) => verifyFiles(expected, { store, ...verification });
  check();
  const [{ name }] = [...Deno.readDirSync(join(store, "verified"))];
  const note = join(store, "verified", name);
  const edit = (change: (entry: Record<string, number>) => void) => {
    const content = JSON.parse(Deno.readTextFileSync(note));
    change(content.files["a.rows"]);
    Deno.writeTextFileSync(note, JSON.stringify(content));
  };
  edit((entry) => entry.verified += HOUR); // else it is too new to be trusted
  return { file, store, check, edit };
}

/** Changes a bit, and keeps size, inode and time of modification. */
function flip(file: string): void {
  const { mtime } = Deno.statSync(file);
  using open = Deno.openSync(file, { read: true, write: true });
  const byte = new Uint8Array(1);
  open.readSync(byte);
  open.seekSync(0, Deno.SeekMode.Start);
  open.writeSync(byte.map((value) => value ^ 1));
  Deno.utimeSync(file, mtime!, mtime!);
}

/** As if the disk had lost a bit: the file system knows of no change. */
function rot({ file, edit }: Pick<ReturnType<typeof verified>, "file" | "edit">): void {
  flip(file);
  edit((entry) => entry.changed = Deno.statSync(file).ctime!.getTime());
}

Deno.test("a large file is read once, and again where anything about it has changed", async () => {
  using folder = temporaryFolder();
  const one = verified(folder, LARGE);
  rot(one);
  one.check();
  await expectError(() => one.check({ verify: "always" }), 2, "a.rows", "checksum");
  await expectError(() => one.check({ store: undefined }), 2, "a.rows", "checksum");
  for (const key of ["device", "inode", "modified", "changed"]) {
    one.edit((entry) => entry[key]++);
    await expectError(() => one.check(), 2, "a.rows", "checksum");
    one.edit((entry) => entry[key]--);
    one.check();
  }
  one.check({ verify: "never" });
});

Deno.test("a bit that flips while the time of modification is kept is seen", async () => {
  using folder = temporaryFolder();
  const one = verified(folder, LARGE);
  one.edit((entry) => entry.changed -= 1000); // the flip comes in a later second
  flip(one.file);
  await expectError(() => one.check(), 2, "a.rows", "checksum");
});

Deno.test("a file that was changed just before it was verified is read again", async () => {
  using folder = temporaryFolder();
  const file = folder.file("a.rows", LARGE);
  const expected = [{ file, bytes: LARGE.length, sha256: sha256(LARGE) }];
  const check = () => verifyFiles(expected, { store: join(folder.path, "store") });
  check();
  flip(file); // within the same second, for all that anybody knows
  await expectError(check, 2, "a.rows", "checksum");
});

Deno.test("notes grow old, and those from the future or of another form count for nothing", async () => {
  using folder = temporaryFolder();
  const one = verified(folder, LARGE);
  rot(one);
  for (const days of [-40, 400]) {
    one.edit((entry) => entry.verified += 24 * days * HOUR);
    await expectError(() => one.check(), 2, "a.rows", "checksum");
    one.edit((entry) => entry.verified -= 24 * days * HOUR);
    one.check();
  }
  one.edit((entry) => entry.more = 1);
  await expectError(() => one.check(), 2, "a.rows", "checksum");
});

Deno.test("small files are read always, unless never is asked for", async () => {
  using folder = temporaryFolder();
  const one = verified(folder, SMALL);
  rot(one);
  await expectError(() => one.check(), 2, "a.rows", "checksum");
  one.check({ verify: "never" });
});

Deno.test("size and kind of a file are looked at whatever is asked for", async () => {
  using folder = temporaryFolder();
  for (const verify of ["always", "once", "never"] as const) {
    const { file, check } = verified(folder, SMALL);
    folder.file("a.rows", SMALL.subarray(0, 999));
    await expectError(() => check({ verify }), 2, "a.rows", "999 bytes", "1000 bytes");
    Deno.removeSync(file);
    await expectError(() => check({ verify }), 2, "a.rows");
    Deno.mkdirSync(file);
    await expectError(() => check({ verify }), 2, "a.rows", "no file");
    Deno.removeSync(file);
    Deno.removeSync(join(folder.path, "store"), { recursive: true });
  }
});

Deno.test("what a file holds is looked at when it is new, with never too", () => {
  using folder = temporaryFolder();
  const { file, store, edit } = verified(folder, LARGE);
  let looked = 0;
  const check = (verify: Verification["verify"], sum: string | null = sha256(LARGE)) => {
    verifyFiles([{ file, bytes: LARGE.length, sha256: sum, check: () => looked++ }], { store, verify });
    return looked;
  };
  deepStrictEqual([check("once"), check("never"), check("always")], [0, 0, 1]);
  Deno.removeSync(store, { recursive: true });
  deepStrictEqual([check("never"), check("never")], [2, 3]); // the note is too new
  edit((entry) => entry.verified += HOUR);
  deepStrictEqual([check("never"), check("once"), check("once", null)], [3, 4, 5]);
});

Deno.test("notes go with hard links that a change makes, and not with copies", () => {
  using folder = temporaryFolder();
  const one = verified(folder, LARGE);
  const [linked, copied] = ["linked", "copied"].map((name) => join(folder.path, name));
  const held = holdVerified(folder.path, one);
  for (const path of [linked, copied]) Deno.mkdirSync(path);
  Deno.linkSync(one.file, join(linked, "a.rows"));
  Deno.copyFileSync(one.file, join(copied, "a.rows"));
  held(linked);
  held(copied);
  const { changed, verified: when } = JSON.parse(noteOf(one.store, linked)!).files["a.rows"];
  strictEqual(changed, Deno.statSync(one.file).ctime!.getTime());
  strictEqual(when >= changed + 2000, true); // trusted at once
  strictEqual(noteOf(one.store, copied), undefined);
});

Deno.test("a store that cannot be written keeps no notes and is no error", () => {
  using folder = temporaryFolder();
  const file = folder.file("a.rows", LARGE);
  folder.file("store", SMALL);
  verifyFiles([{ file, bytes: LARGE.length, sha256: sha256(LARGE) }], { store: join(folder.path, "store") });
});

function noteOf(store: string, folder: string): string | undefined {
  const notes = [...Deno.readDirSync(join(store, "verified"))].map(({ name }) => join(store, "verified", name));
  return notes.map((path) => Deno.readTextFileSync(path)).find((text) => JSON.parse(text).folder === folder);
}

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
