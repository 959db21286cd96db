import { lockShared } from "../../support/lock.ts";
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
    const lock = isFolder(folders.index) ? lockShared(lockOf(folder, manifest.generation)) : null;
    // A change may have come between: then this state may be gone, or about to go.
    const gone = lock === null || !isFolder(folders.index);
    if (gone && readManifest(folder).generation !== manifest.generation) {
      lock?.[Symbol.dispose]();
      continue;
    }
    return { manifest, ...folders, [Symbol.dispose]: () => lock?.[Symbol.dispose]() };
  }
}
