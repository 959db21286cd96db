import { createHash } from "node:crypto";
import { dirname, join, resolve } from "node:path";
import { badInput, explainIoError, isDiskFull, isUnwritable } from "./errors.ts";
import { dropTemporary, makeTemporary } from "./temporary.ts";
import { finished } from "./unfinished.ts";

/** A file that appears under its own name only when it is whole: written beside it, synced, then renamed. */
export interface AtomicFile {
  /** Appends `bytes`. */
  write(bytes: Uint8Array): void;
  /** Bytes written so far. */
  readonly length: number;
  /** Syncs the file and gives it its name. */
  commit(): void;
  /** Drops what was written; does nothing after `commit`. */
  [Symbol.dispose](): void;
}

/**
 * Opens `path` for atomic writing; missing folders are made. Several may write one path at a time: the last to commit wins.
 *
 * @throws {LatebenchError} where the disk is full, the folder cannot be written, or `path` is a folder, a device or a pipe
 */
export function openAtomic(path: string): AtomicFile {
  let length = 0;
  let open = true;
  const { path: temporary, file } = guard(path, () => {
    checkReplaceable(path);
    return makeTemporary(path);
  });
  const drop = () => {
    if (!open) return;
    open = false;
    file.close();
    dropTemporary(temporary);
  };
  return {
    get length() {
      return length;
    },
    write(bytes) {
      try {
        for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
      } catch (error) {
        drop();
        throw explainIoError(error, path);
      }
      length += bytes.length;
    },
    commit() {
      try {
        file.syncSync();
        Deno.renameSync(temporary, path); // still locked: nobody takes it for left behind
        open = false;
        file.close();
        finished(temporary);
        syncFolder(dirname(path));
      } catch (error) {
        drop();
        throw explainIoError(error, path);
      }
    },
    [Symbol.dispose]: drop,
  };
}

/** Only a file gives its name to another: renaming would replace a device as well. */
function checkReplaceable(path: string): void {
  try {
    const { isFile, isDirectory } = Deno.statSync(path);
    if (isFile && !/^\/(dev|proc)\/(?!shm\/)/.test(resolve(path))) return;
    throw badInput(path, isDirectory ? "a folder" : "a device or a pipe", "a file, or nothing");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** An {@link AtomicFile} whose checksum is known when it is written: nobody has to read it again. */
export interface HashedFile extends Disposable {
  write(bytes: Uint8Array): void;
  /** Syncs the file, gives it its name, and tells what it holds. */
  commit(): { readonly bytes: number; readonly sha256: string };
}

/** Opens `path` as {@link openAtomic} does, and hashes what is written. */
export function openHashed(path: string): HashedFile {
  const file = openAtomic(path);
  const hash = createHash("sha256");
  return {
    write(bytes) {
      file.write(bytes);
      hash.update(bytes);
    },
    commit() {
      file.commit();
      return { bytes: file.length, sha256: hash.digest("hex") };
    },
    [Symbol.dispose]: () => file[Symbol.dispose](),
  };
}

/** Writes a whole file atomically. Text is UTF-8. */
export function writeAtomic(path: string, content: string | Uint8Array): void {
  using file = openAtomic(path);
  file.write(typeof content === "string" ? new TextEncoder().encode(content) : content);
  file.commit();
}

/** Writes `value` as indented JSON, atomically. */
export function writeJson(path: string, value: unknown): void {
  writeAtomic(path, JSON.stringify(value, null, 2) + "\n");
}

/** {@link writeJson} of something that can be found out again: nothing is kept where nothing can be written. */
export function keepJson(path: string, value: unknown): void {
  try {
    writeJson(path, value);
  } catch (error) {
    if (!isUnwritable(error) && !isDiskFull(error)) throw error;
  }
}

/** Removes a file or folder with all in it; nothing happens where there is none. */
export function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw explainIoError(error, path);
  }
}

/** Syncs the entries of a folder and of all folders in it. */
export function syncTree(path: string): void {
  guard(path, () => {
    for (const { name, isDirectory } of Deno.readDirSync(path)) if (isDirectory) syncTree(join(path, name));
    syncFolder(path);
  });
}

/** Syncs the entries of a folder. */
export function syncFolder(path: string): void {
  const folder = Deno.openSync(path, { read: true });
  try {
    folder.syncSync();
  } finally {
    folder.close();
  }
}

function guard<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw explainIoError(error, path);
  }
}
