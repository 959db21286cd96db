import { basename, dirname, join, relative, resolve } from "node:path";
import { z } from "zod";
import { badInput, explainIoError } from "../../support/errors.ts";
import { sha256, sha256File } from "../../support/hash.ts";

/** When checksums of large files are compared: at every opening, once for each state of a file, or not at all. */
export const VERIFY = ["always", "once", "never"] as const;
export type Verify = typeof VERIFY[number];

/** How files are verified. */
export interface Verification {
  /** Where it is noted which files were verified; without it nothing is known of any file. */
  readonly store?: string;
  /** Default: `once`. */
  readonly verify?: Verify;
}

/** A file of an index, and what it must be. */
export interface ExpectedFile {
  readonly file: string;
  readonly bytes: number;
  /** Null where nobody has written one down. */
  readonly sha256: string | null;
  /** Its bytes, where they were read anyway. */
  readonly content?: Uint8Array;
  /** Looks at what the file holds, after its checksum was compared; not called for a file that is known. */
  readonly check?: () => void;
}

/** A state of a file: another one has another inode, size, or time. */
const state = z.strictObject({
  device: z.number(),
  inode: z.number(),
  bytes: z.number(),
  /** Times, ms. */
  modified: z.number(),
  changed: z.number(),
});
const known = z.strictObject({ ...state.shape, sha256: z.string().nullable(), verified: z.number() });
const record = z.strictObject({ folder: z.string(), files: z.record(z.string(), known) });

type State = z.infer<typeof state>;
type Record = z.infer<typeof record>;

/** Files that are read at every opening: the smallest ones, so many bytes, or this share of all. */
const ALWAYS = { bytes: 2 * 2 ** 20, share: 0.01 } as const;

/** A note that is older says nothing any more, ms. */
const OLDEST = 30 * 24 * 3600 * 1000;

/** Times of changes are whole seconds: a file that was changed just before it was verified may have been changed since. */
const RACY = 2000;

/**
 * Checks that files are those that were written. Sizes and the checksums of small files are compared always; those of large ones as
 * `verify` says: `once` trusts a note about the very same state of the file (device, inode, size, time of the last change) that is not
 * older than 30 days. Notes are kept in the store: whoever ships an index cannot write them.
 *
 * @throws {LatebenchError} for a missing, truncated or changed file, and what a file's `check` throws
 */
export function verifyFiles(files: readonly ExpectedFile[], { store, verify = "once" }: Verification = {}): void {
  const states = files.map(stateOf);
  const small = smallest(files);
  for (const [folder, own] of Map.groupBy(files.keys(), (i) => resolve(dirname(files[i].file)))) {
    const before = store === undefined ? {} : readRecord(store, folder);
    const after = { ...before };
    for (const i of own) {
      const { file, sha256: expected, content, check } = files[i];
      const name = basename(file);
      const seen = Object.hasOwn(before, name) && isSame(before[name], states[i]) && isRecent(before[name], states[i]);
      const trusted = verify !== "always" && seen;
      const hashed = trusted && (expected === null || before[name].sha256 === expected);
      const compare = expected !== null && verify !== "never" && (small.has(i) || !hashed);
      if (compare && (content ? sha256(content) : sha256File(file)) !== expected) {
        throw badInput(file, "another checksum than when it was written", "the bytes that latebench wrote");
      }
      if (trusted && (hashed || verify === "never")) continue;
      check?.();
      after[name] = { ...states[i], sha256: compare ? expected : null, verified: Date.now() };
    }
    if (store !== undefined && JSON.stringify(before) !== JSON.stringify(after)) {
      writeRecord(store, { folder, files: after });
    }
  }
}

/**
 * Takes hold of the notes about all files below a folder while links to these files are made or removed, which changes the time of their
 * last change, but nothing in them.
 *
 * @returns what notes the same of the same files below `target`; to be called when that is done
 */
export function holdVerified(folder: string, { store }: Pick<Verification, "store">): (target: string) => void {
  if (store === undefined) return () => {};
  const held = foldersBelow(folder).map((own) => {
    const files = Object.entries(readRecord(store, resolve(own))).filter(([name, one]) => {
      const now = stateIfThere(join(own, name));
      return now !== null && isSame(one, now) && isRecent(one, now);
    });
    return { own, files };
  });
  return (target) => {
    for (const { own, files } of held) {
      const moved = join(target, relative(folder, own));
      const after: Record["files"] = {};
      for (const [name, one] of files) {
        const now = stateIfThere(join(moved, name));
        if (now === null || !isSame(one, { ...now, changed: one.changed })) continue;
        after[name] = { ...one, ...now, verified: Math.max(one.verified, now.changed + RACY) };
      }
      if (Object.keys(after).length > 0) {
        writeRecord(store, { folder: resolve(moved), files: { ...readRecord(store, resolve(moved)), ...after } });
      }
      if (stateIfThere(own) === null) removeQuietly(recordFile(store, resolve(own)));
    }
  };
}

/** The smallest files that make up no more than {@link ALWAYS} together, by place. */
function smallest(files: readonly ExpectedFile[]): ReadonlySet<number> {
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const most = Math.max(ALWAYS.bytes, ALWAYS.share * total);
  const order = [...files.keys()].sort((a, b) => files[a].bytes - files[b].bytes);
  const taken = new Set<number>();
  let sum = 0;
  for (const i of order) {
    sum += files[i].bytes;
    if (sum > most) break;
    taken.add(i);
  }
  return taken;
}

function stateOf({ file, bytes }: ExpectedFile): State {
  let found: Deno.FileInfo;
  try {
    found = Deno.statSync(file);
  } catch (error) {
    throw explainIoError(error, file);
  }
  if (!found.isFile) throw badInput(file, "something that is no file", `a file of ${bytes} bytes`);
  if (found.size !== bytes) throw badInput(file, `${found.size} bytes`, `${bytes} bytes`);
  return describe(found);
}

function stateIfThere(path: string): State | null {
  try {
    return describe(Deno.statSync(path));
  } catch {
    return null;
  }
}

function describe({ dev, ino, size, mtime, ctime }: Deno.FileInfo): State {
  return {
    device: dev,
    inode: ino ?? 0,
    bytes: size,
    modified: mtime?.getTime() ?? 0,
    changed: ctime?.getTime() ?? 0,
  };
}

function isSame(one: State, other: State): boolean {
  return (Object.keys(state.shape) as (keyof State)[]).every((key) => one[key] === other[key]);
}

function isRecent({ verified }: { readonly verified: number }, { changed }: State): boolean {
  return verified >= changed + RACY && verified > Date.now() - OLDEST && verified < Date.now() + OLDEST;
}

function recordFile(store: string, folder: string): string {
  return join(store, "verified", `${sha256(folder).slice(0, 32)}.json`);
}

/** What is noted about the files of a folder; a note that cannot be read is none. */
function readRecord(store: string, folder: string): Record["files"] {
  try {
    const parsed = record.safeParse(JSON.parse(Deno.readTextFileSync(recordFile(store, folder))));
    return parsed.success && parsed.data.folder === folder ? parsed.data.files : {};
  } catch {
    return {};
  }
}

/**
 * A store that cannot be written keeps no notes: then files are read again. Nothing waits for the disk: a note that is lost with
 * the power says nothing wrong.
 */
function writeRecord(store: string, content: Record): void {
  const file = recordFile(store, content.folder);
  const temporary = `${file}.${crypto.randomUUID()}`;
  try {
    Deno.mkdirSync(dirname(file), { recursive: true });
    Deno.writeTextFileSync(temporary, JSON.stringify(content), { createNew: true });
    Deno.renameSync(temporary, file);
  } catch {
    removeQuietly(temporary);
  }
}

function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path);
  } catch { /* there is none */ }
}

function foldersBelow(folder: string): string[] {
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(folder)];
  } catch {
    return [];
  }
  return [folder, ...entries.filter((one) => one.isDirectory).flatMap(({ name }) => foldersBelow(join(folder, name)))];
}
