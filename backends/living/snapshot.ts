import { explainIoError } from "../../support/errors.ts";
import { isFolder } from "../../support/paths.ts";
import { foldersOf, type GenerationFolders, lockOf, type Manifest, readManifest } from "./manifest.ts";

/** One state of an index, kept until it is disposed of, whatever becomes of the index meanwhile. */
export interface Snapshot extends GenerationFolders, Disposable {
  readonly manifest: Manifest;
}

/**
 * Takes hold of the newest state of an index. The lock is the operating system's and is shared: it keeps no one from changing the
 * index, only from removing this state, and it ends with the process.
 *
 * @throws {LatebenchError} where the folder is not what `deno task index` writes
 */
export function openSnapshot(folder: string): Snapshot {
  for (;;) {
    const manifest = readManifest(folder);
    const folders = foldersOf(folder, manifest.generation);
    const lock = isFolder(folders.index) ? openLock(lockOf(folder, manifest.generation)) : null;
    // A change may have come between: then this state may be gone.
    if (!isFolder(folders.index) && readManifest(folder).generation !== manifest.generation) {
      lock?.close();
      continue;
    }
    return { manifest, ...folders, [Symbol.dispose]: () => lock?.close() };
  }
}

/** No lock where its file is missing and cannot be made: then nobody can change the index either. */
function openLock(path: string): Deno.FsFile | null {
  try {
    const file = openOrMake(path);
    file.lockSync(false);
    return file;
  } catch (error) {
    const code = (error as { code?: string }).code ?? "";
    if (["ENOENT", "EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT", "ENOLCK"].includes(code)) return null;
    throw explainIoError(error, path);
  }
}

function openOrMake(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path, { read: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  try {
    return Deno.openSync(path, { read: true, write: true, createNew: true }); // never through a link
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    return Deno.openSync(path, { read: true }); // another one has made it meanwhile
  }
}
