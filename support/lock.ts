import { dirname } from "node:path";
import { badInput, explainIoError } from "./errors.ts";

/**
 * Waits until no other process works on `folder`, and keeps others off until disposed. The lock lies beside the folder
 * (`folder.lock`) and is the operating system's: it ends with the process, also after a crash.
 *
 * @param notice printed on standard error where somebody else has the lock
 * @throws {LatebenchError} where the lock's file cannot be made; a folder of a read-only file system, or one that may not be
 *   written, is not locked: nobody can change it
 */
export async function lockFolder(folder: string, notice?: string): Promise<Disposable> {
  return await lockFile(`${folder}.lock`, notice);
}

/**
 * Waits for the lock of a file of its own, as {@link lockFolder} does.
 *
 * @param inPlace whether the folder that it lies in must be there; else it is made
 */
export async function lockFile(path: string, notice?: string, inPlace = false): Promise<Disposable> {
  const file = openLock(path, inPlace);
  if (file === null) return NO_LOCK;
  try {
    if (!file.tryLockSync(true)) {
      if (notice !== undefined) console.error(notice);
      await file.lock(true);
    }
  } catch (error) {
    if (!isUnsupported(error)) {
      file.close();
      throw explainIoError(error, path);
    }
  }
  return { [Symbol.dispose]: () => file.close() };
}

/** Says of something that it is being read, together with others; null where somebody has it for himself. */
export function lockShared(path: string): Disposable | null {
  return tryLock(path, false);
}

/** Takes a lock that nobody else has; null where somebody reads, or has it. */
export function lockUnread(path: string): Disposable | null {
  return tryLock(path, true);
}

const NO_LOCK: Disposable = { [Symbol.dispose]() {} };

function tryLock(path: string, exclusive: boolean): Disposable | null {
  const file = openLock(path);
  if (file === null) return NO_LOCK;
  try {
    if (file.tryLockSync(exclusive)) return { [Symbol.dispose]: () => file.close() };
    file.close();
    return null;
  } catch (error) {
    file.close();
    if (isUnsupported(error)) return NO_LOCK;
    throw explainIoError(error, path);
  }
}

/** Opens the file of a lock, and makes it where it is missing, never through a link; null where that cannot be. */
function openLock(path: string, inPlace = false): Deno.FsFile | null {
  try {
    for (;;) {
      const exists = isThere(path);
      if (!exists && !inPlace) Deno.mkdirSync(dirname(path), { recursive: true });
      const file = tryOpening(path, !exists);
      if (file) return file;
    }
  } catch (error) {
    if (!cannotWrite(error)) throw explainIoError(error, path);
  }
  try {
    return Deno.openSync(path, { read: true });
  } catch {
    return null;
  }
}

/** Null where another process has made or removed it meanwhile. */
function tryOpening(path: string, createNew: boolean): Deno.FsFile | null {
  try {
    return Deno.openSync(path, { read: true, write: true, createNew });
  } catch (error) {
    if (error instanceof (createNew ? Deno.errors.AlreadyExists : Deno.errors.NotFound)) return null;
    throw error;
  }
}

/** Whether the file is there; what is no file is not opened: a pipe would be waited for, and a link leads elsewhere. */
function isThere(path: string): boolean {
  try {
    if (Deno.lstatSync(path).isFile) return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  throw badInput(path, "something that is no file", "a file to lock, or nothing");
}

const CANNOT_WRITE: readonly string[] = ["EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT"];

function cannotWrite(error: unknown): boolean {
  const { code = "" } = error as { code?: string };
  return error instanceof Deno.errors.PermissionDenied || CANNOT_WRITE.includes(code);
}

/** File systems without locks: there, one process at a time. */
function isUnsupported(error: unknown): boolean {
  const { code } = error as { code?: string };
  return error instanceof Deno.errors.NotSupported ||
    ["ENOLCK", "ENOSYS", "EOPNOTSUPP", "ENOTSUP"].includes(code ?? "");
}
