import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { syncFolder } from "./atomic_write.ts";
import { badInput, explainIoError, isDiskFull, LatebenchError } from "./errors.ts";
import {
  checkTarget,
  makeOwnedFolder,
  MARKER,
  markFolder,
  readMarker,
  remarkFolder,
  type TargetRules,
} from "./owned_folder.ts";
import { dropTemporary, makeFolder, makeTemporaryFolder, type TemporaryFolder, temporaryName } from "./temporary.ts";
import { finished } from "./unfinished.ts";

/** How a folder is built. */
export interface FolderRules extends TargetRules {
  /** Whether `fill` gets what an interrupted earlier build left, and a build that fails is kept for a later one. */
  readonly resume?: boolean;
}

/**
 * Builds a folder that appears under `path` only when `fill` is done: `fill` writes into a folder beside it, which is then
 * renamed. What is at `path` is looked over by {@link checkTarget}, before and after; it is put aside, and removed when the new
 * folder is in its place. A build that fails leaves nothing, unless it can be resumed and the disk is not full.
 *
 * @throws {LatebenchError} as {@link checkTarget} does, and whatever `fill` throws
 */
export async function writeFolderAtomic<T>(
  path: string,
  fill: (temporary: string) => Promise<T>,
  { resume = false, ...rules }: FolderRules,
): Promise<T> {
  checkTarget(path, rules);
  try {
    const temporary = resume ? await openResumable(path, rules.kind) : makeTemporaryFolder(path, rules.kind);
    let done = false;
    try {
      const result = await fill(temporary.path);
      moveIn(temporary.path, path, rules);
      done = true;
      if (!resume) dropResumable(path, rules.kind);
      return result;
    } catch (error) {
      if (!done && (!resume || isDiskFull(error))) dropTemporary(temporary.path);
      throw error;
    } finally {
      temporary[Symbol.dispose]();
    }
  } catch (error) {
    throw explainIoError(error, path);
  }
}

/** Others may build the same folder: then the last one stays. */
const TRIES = 20;

function moveIn(temporary: string, path: string, rules: TargetRules): void {
  for (let attempt = 1;; attempt++) {
    let aside: string | null;
    try {
      aside = checkTarget(path, rules) === "ours" ? putAside(path, rules.kind) : null;
    } catch (error) {
      if (attempt < TRIES && hasVanished(error)) continue; // somebody else has just put it aside
      throw error;
    }
    try {
      Deno.renameSync(temporary, path);
      finished(temporary);
      syncFolder(dirname(path));
    } catch (error) {
      if (aside !== null) putBack(aside, path, rules.kind);
      if (attempt < TRIES && isTaken(error)) continue;
      throw error;
    }
    if (aside !== null) dropTemporary(aside);
    return;
  }
}

/** Renames a folder to a temporary name; it can be told where it belongs. Null where somebody else has moved it. */
function putAside(path: string, kind: string): string | null {
  const aside = join(dirname(path), temporaryName());
  try {
    remarkFolder(path, { kind, replaces: basename(path) });
    Deno.renameSync(path, aside);
    return aside;
  } catch (error) {
    if ((error as { code?: string }).code === "ENOENT") return null;
    throw error;
  }
}

function putBack(aside: string, path: string, kind: string): void {
  try {
    Deno.renameSync(aside, path);
    remarkFolder(path, { kind });
  } catch (error) {
    if (isTaken(error)) dropTemporary(aside); // another one is there by now
  }
}

function hasVanished(error: unknown): boolean {
  return error instanceof LatebenchError && error.message.includes("found no such file or folder");
}

function isTaken(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === "ENOTEMPTY" || code === "EEXIST";
}

/** The folder of a build that can be resumed has the same name each time; nobody else's is used. */
async function openResumable(path: string, kind: string): Promise<TemporaryFolder> {
  const own = resumableOf(path);
  for (;;) {
    makeFolder(dirname(own));
    try {
      Deno.mkdirSync(own);
      markFolder(own, kind);
    } catch (error) {
      if ((error as { code?: string }).code !== "EEXIST") throw error;
    }
    if (Deno.lstatSync(own).isSymlink || readMarker(own)?.kind !== kind) {
      throw badInput(own, "something that latebench did not make", "what an interrupted build left, or nothing");
    }
    const lock = Deno.openSync(join(own, MARKER), { read: true });
    try {
      await lock.lock(true);
    } catch { /* a file system without locks */ }
    if (isSame(lock, join(own, MARKER))) return { path: own, [Symbol.dispose]: () => lock.close() };
    lock.close(); // whoever had it is done
  }
}

function isSame(file: Deno.FsFile, path: string): boolean {
  try {
    const { ino, dev } = Deno.lstatSync(path);
    const open = file.statSync();
    return open.ino === ino && open.dev === dev;
  } catch {
    return false;
  }
}

/** Removes what an interrupted build left, where a whole one came by another way. */
function dropResumable(path: string, kind: string): void {
  const own = resumableOf(path);
  try {
    if (Deno.lstatSync(own).isSymlink || readMarker(own)?.kind !== kind) return;
    using lock = Deno.openSync(join(own, MARKER), { read: true });
    if (lock.tryLockSync(true)) dropTemporary(own);
  } catch { /* there is none */ }
}

/** Where an interrupted build of `path` lies. */
export function resumableOf(path: string): string {
  const hash = createHash("sha256").update(basename(path)).digest("hex").slice(0, 32);
  return join(dirname(path), `.latebench-${hash}.resumes`);
}

/** Makes an empty folder of latebench's own, in the place of one that is there. @throws as {@link checkTarget} does */
export function renewOwnedFolder(path: string, rules: TargetRules): void {
  removeOwnedFolder(path, rules);
  makeOwnedFolder(path, rules);
}

/**
 * Removes a folder with all in it, where it is one of latebench's own; nothing happens where there is none. It goes under its own
 * name at once, so that nobody meets it half removed.
 *
 * @throws {LatebenchError} as {@link checkTarget} does
 */
export function removeOwnedFolder(path: string, rules: TargetRules): void {
  if (checkTarget(path, rules) === "absent") return;
  const aside = join(dirname(path), temporaryName());
  try {
    remarkFolder(path, { kind: rules.kind });
    Deno.renameSync(path, aside);
  } catch (error) {
    throw explainIoError(error, path);
  }
  dropTemporary(aside);
}
