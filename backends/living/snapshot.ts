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
    const lock = openLock(lockOf(folder, manifest.generation));
    const folders = foldersOf(folder, manifest.generation);
    // A change may have come between: then this state may be gone.
    if (readManifest(folder).generation !== manifest.generation && !isFolder(folders.index)) {
      lock?.close();
      continue;
    }
    return { manifest, ...folders, [Symbol.dispose]: () => lock?.close() };
  }
}

/** No lock where there is no file for it: then nobody has changed the index so far. */
function openLock(path: string): Deno.FsFile | null {
  try {
    const file = Deno.openSync(path, { read: true });
    file.lockSync(false);
    return file;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw explainIoError(error, path);
  }
}
