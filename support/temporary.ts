import { dirname, join } from "node:path";
import { explainIoError } from "./errors.ts";
import { MARKER, markFolder, readMarker, remarkFolder } from "./owned_folder.ts";
import { finished, unfinishedUntilDone } from "./unfinished.ts";

/** Names of files and folders that are not whole; short, so that a name of 255 bytes has one too, and hidden. */
const TEMPORARY = /^\.latebench-[0-9a-f]{32}\.partial$/;

/** Something that was just made is not stale, ms: its writer may not have locked it yet. */
const YOUNG = 60_000;

/** A file under a temporary name, locked while it is open. */
export interface TemporaryFile {
  readonly path: string;
  readonly file: Deno.FsFile;
}

/**
 * Makes a file of a name that nobody can guess, in the folder of `path`, and the folders above it; never through a link.
 * The lock that it holds tells others that it is being written.
 */
export function makeTemporary(path: string): TemporaryFile {
  const folder = dirname(path);
  makeFolder(folder);
  sweep(folder);
  const temporary = join(folder, temporaryName());
  unfinishedUntilDone(temporary); // before it is there: a signal may come at any time
  try {
    const file = Deno.openSync(temporary, { read: true, write: true, createNew: true });
    lockIfPossible(file);
    return { path: temporary, file };
  } catch (error) {
    finished(temporary);
    throw error;
  }
}

/** A folder under a temporary name, whose marker is locked until it is disposed of. */
export interface TemporaryFolder extends Disposable {
  readonly path: string;
}

/** Makes a marked folder beside `path`, as {@link makeTemporary} makes a file. */
export function makeTemporaryFolder(path: string, kind: string): TemporaryFolder {
  const folder = dirname(path);
  makeFolder(folder);
  sweep(folder);
  const temporary = join(folder, temporaryName());
  unfinishedUntilDone(temporary);
  try {
    Deno.mkdirSync(temporary);
    markFolder(temporary, kind);
    const lock = Deno.openSync(join(temporary, MARKER), { read: true });
    lockIfPossible(lock);
    return { path: temporary, [Symbol.dispose]: () => lock.close() };
  } catch (error) {
    dropTemporary(temporary);
    throw error;
  }
}

/** A new temporary name. */
export function temporaryName(): string {
  return `.latebench-${crypto.randomUUID().replaceAll("-", "")}.partial`;
}

/** Makes a folder and those above it. @throws {LatebenchError} naming what is in the way */
export function makeFolder(path: string): void {
  try {
    Deno.mkdirSync(path, { recursive: true });
  } catch (error) {
    throw explainIoError(error, path);
  }
}

/** File systems without locks are written without. */
function lockIfPossible(file: Deno.FsFile): void {
  try {
    file.tryLockSync(true);
  } catch { /* nobody else can lock it either, so nobody sweeps it */ }
}

const swept = new Set<string>();

/** Removes what killed processes left in a folder, when it is first written to. */
function sweep(folder: string): void {
  if (swept.has(folder)) return;
  swept.add(folder);
  try {
    for (const { name, isFile, isDirectory } of Deno.readDirSync(folder)) {
      if (!TEMPORARY.test(name)) continue;
      const path = join(folder, name);
      if (isFile) removeStale(path, path);
      else if (isDirectory) removeStaleFolder(path);
    }
  } catch { /* somebody else's folder, or somebody else sweeps it: it need not be swept */ }
}

/** Removes `path` where nobody holds the lock of `locked`. */
function removeStale(path: string, locked: string): void {
  if (isYoung(locked)) return;
  using file = Deno.openSync(locked, { read: true });
  if (file.tryLockSync(true)) Deno.removeSync(path, { recursive: true });
}

function isYoung(file: string): boolean {
  const { isFile, mtime } = Deno.lstatSync(file);
  return !isFile || Date.now() - (mtime?.getTime() ?? Infinity) < YOUNG;
}

function removeStaleFolder(path: string): void {
  const marker = readMarker(path);
  if (marker === null) return; // whoever made it, it was not us
  const original = marker.replaces === undefined ? null : join(dirname(path), marker.replaces);
  if (original === null || exists(original)) return removeStale(path, join(path, MARKER));
  if (isYoung(join(path, MARKER))) return;
  remarkFolder(path, { kind: marker.kind }); // it was put aside for one that never came
  Deno.renameSync(path, original);
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Removes a temporary file or folder that is not to be kept; failing to do so is no second error. */
export function dropTemporary(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch { /* already gone */ }
  finished(path);
}
