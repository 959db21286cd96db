import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { explainIoError } from "./errors.ts";

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
 * Opens `path` for atomic writing; missing folders are made.
 *
 * @throws {LatebenchError} where the disk is full or the folder cannot be written
 */
export function openAtomic(path: string): AtomicFile {
  const temporary = `${path}.partial`;
  let length = 0;
  let open = true;
  const file = guard(path, () => {
    Deno.mkdirSync(dirname(path), { recursive: true });
    return Deno.openSync(temporary, { write: true, create: true, truncate: true });
  });
  const drop = () => {
    if (!open) return;
    open = false;
    file.close();
    try {
      Deno.removeSync(temporary);
    } catch { /* already gone */ }
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
        file.close();
        open = false;
        Deno.renameSync(temporary, path);
        syncFolder(dirname(path));
      } catch (error) {
        drop();
        throw explainIoError(error, path);
      }
    },
    [Symbol.dispose]: drop,
  };
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

/**
 * Builds a folder that appears under `path` only when `fill` is done: `fill` writes into a folder beside it, which is then
 * renamed; a folder that already has the name is removed.
 *
 * @param resume whether `fill` gets what an interrupted earlier build left; else that is removed first
 */
export async function writeFolderAtomic<T>(
  path: string,
  fill: (temporary: string) => Promise<T>,
  { resume = false }: { readonly resume?: boolean } = {},
): Promise<T> {
  const temporary = `${path}.partial`;
  if (!resume) removeIfThere(temporary);
  guard(path, () => Deno.mkdirSync(temporary, { recursive: true }));
  const result = await fill(temporary);
  guard(path, () => {
    removeIfThere(path);
    Deno.renameSync(temporary, path);
    syncFolder(dirname(path));
  });
  return result;
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

function syncFolder(path: string): void {
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
