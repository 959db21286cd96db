import { dirname } from "node:path";
import { makeFolder } from "./temporary.ts";

/** The part of a file that was downloaded so far. */
export interface PartialFile extends Disposable {
  readonly path: string;
  readonly size: number;
  append(bytes: Uint8Array): void;
  /** Throws away what is there. */
  restart(): void;
  sync(): void;
  /** Removes it; does nothing where that was done. */
  remove(): void;
}

/**
 * Opens `path.partial` for appending, and keeps other processes from it: its lock is the operating system's and ends with the process.
 * What lies there and is no file of its own (a link, a pipe, a second name of a file) is replaced, never followed.
 *
 * @returns null where another process had it, and has brought the whole file to `path` meanwhile
 */
export async function openPartial(path: string): Promise<PartialFile | null> {
  const partial = `${path}.partial`;
  makeFolder(dirname(path));
  for (;;) {
    const file = openOwn(partial);
    if (file === null) continue; // it went, or came, meanwhile
    const waited = await lock(file);
    if (isSame(file, partial)) return wrap(partial, file);
    file.close(); // whoever had it gave it its name, or removed it
    if (waited && exists(path)) return null;
  }
}

function wrap(path: string, file: Deno.FsFile): PartialFile {
  let size = file.seekSync(0, Deno.SeekMode.End);
  return {
    path,
    get size() {
      return size;
    },
    append(bytes) {
      for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
      size += bytes.length;
    },
    restart() {
      file.truncateSync(0);
      size = file.seekSync(0, Deno.SeekMode.Start);
    },
    sync: () => file.syncSync(),
    remove() {
      if (isSame(file, path)) Deno.removeSync(path);
    },
    [Symbol.dispose]: () => file.close(),
  };
}

/** Opens the file that is there, where it is one of its own, or a new one. */
function openOwn(path: string): Deno.FsFile | null {
  const there = stat(path);
  if (there && (!there.isFile || (there.nlink ?? 1) > 1)) Deno.removeSync(path); // of a link, the link
  try {
    if (!there?.isFile || (there.nlink ?? 1) > 1) {
      return Deno.openSync(path, { read: true, write: true, createNew: true });
    }
    const file = Deno.openSync(path, { read: true, write: true });
    if (isSame(file, path)) return file;
    file.close();
    return null;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists || error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** @returns whether another process had it */
async function lock(file: Deno.FsFile): Promise<boolean> {
  try {
    if (await file.tryLock(true)) return false;
    await file.lock(true);
    return true;
  } catch {
    return false; // a file system without locks
  }
}

/** Whether an open file is what has this name, and no link. */
function isSame(file: Deno.FsFile, path: string): boolean {
  const [named, open] = [stat(path), file.statSync()];
  return named !== null && named.isFile && named.ino === open.ino && named.dev === open.dev;
}

function exists(path: string): boolean {
  return stat(path) !== null;
}

function stat(path: string): Deno.FileInfo | null {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
