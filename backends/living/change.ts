import { join } from "node:path";
import { removeIfThere, syncTree } from "../../support/atomic_write.ts";
import { explainIoError } from "../../support/errors.ts";
import { isFolder } from "../../support/paths.ts";
import { lockFile, lockUnread } from "../../support/lock.ts";
import { linkFolder } from "../vectors/link.ts";
import { holdVerified, type Verification } from "../vectors/verify.ts";
import {
  foldersOf,
  type GenerationFolders,
  generationName,
  isWrittenIndex,
  lockOf,
  type Manifest,
  readManifest,
  writeManifest,
} from "./manifest.ts";

/**
 * Changes an index that `deno task index` wrote, as a whole or not at all: `change` works on folders of hard links, which then
 * become the index's newest state. One change at a time; others wait. Those who search go on in the state that they opened. States that nobody reads
 * any more are removed.
 *
 * @param change what is to be done; may replace and remove files, must not write into them
 * @param verification whose store knows which files were verified: they stay so
 * @throws whatever `change` throws: the index then is as it was
 */
export async function changeIndex<T>(
  folder: string,
  change: (folders: GenerationFolders, manifest: Manifest) => Promise<T>,
  { store }: Verification = {},
): Promise<T> {
  readManifest(folder); // before a lock is made beside something else
  using _lock = await lockFile(join(folder, CHANGE_LOCK), undefined, true);
  const manifest = readManifest(folder);
  const { generation } = manifest;
  removeUnread(folder, generation);
  const before = foldersOf(folder, generation);
  const after = foldersOf(folder, generation + 1);
  const own = join(folder, generationName(generation + 1));
  try {
    const held = PARTS.map((part) => holdVerified(before[part], { store }));
    for (const part of PARTS) linkFolder(before[part], after[part]);
    PARTS.forEach((part, i) => held[i](after[part]));
    makeLock(lockOf(folder, generation));
    makeLock(lockOf(folder, generation + 1));
    const result = await change(after, manifest);
    syncTree(own);
    writeManifest(folder, { ...manifest, generation: generation + 1 });
    removeUnread(folder, generation + 1);
    PARTS.forEach((part, i) => held[i](after[part])); // fewer links, another time of the last change
    return result;
  } catch (error) {
    if (readManifest(folder).generation === generation) {
      removeIfThere(own);
      removeIfThere(lockOf(folder, generation + 1));
    }
    throw error;
  }
}

/**
 * Replaces an index that others read: `fill` makes its next state, and those who read go on in the one that they opened.
 *
 * @param manifest what the new index is
 * @returns null, and `fill` is not called, where there is no index, or nobody reads it: then the whole folder can be replaced
 * @throws whatever `fill` throws: the index then is as it was
 */
export async function replaceWhileRead<T>(
  folder: string,
  manifest: Omit<Manifest, "generation">,
  fill: (folders: GenerationFolders) => T,
): Promise<T | null> {
  if (!isFolder(folder) || !isWrittenIndex(folder) || !isRead(folder)) return null;
  using _lock = await lockFile(join(folder, CHANGE_LOCK), undefined, true);
  const { generation } = readManifest(folder);
  const next = generation + 1;
  const own = join(folder, generationName(next));
  removeIfThere(own); // what an interrupted change left
  try {
    makeLock(lockOf(folder, next));
    const result = fill(foldersOf(folder, next));
    syncTree(own);
    writeManifest(folder, { ...manifest, generation: next });
    removeUnread(folder, next);
    return result;
  } catch (error) {
    if (readManifest(folder).generation === generation) {
      removeIfThere(own);
      removeIfThere(lockOf(folder, next));
    }
    throw error;
  }
}

function isRead(folder: string): boolean {
  return Array.from(Deno.readDirSync(folder), ({ name }) => name).some((name) => {
    if (!/^\.generation-\d+\.lock$/.test(name)) return false;
    using unread = lockUnread(join(folder, name));
    return unread === null;
  });
}

const PARTS = ["index", "texts"] as const;

/** Held by whoever changes the index. */
const CHANGE_LOCK = ".change.lock";

/** Removes every state but the newest that nobody reads, and what interrupted changes left. */
function removeUnread(folder: string, newest: number): void {
  for (const { name } of Deno.readDirSync(folder)) {
    const [, digits] = /^generation-(\d{6,})$/.exec(name) ?? [];
    const generation = name === "index" ? 0 : digits === undefined ? newest : Number(digits);
    if (generation === newest) continue;
    using lock = lockUnread(lockOf(folder, generation));
    if (lock === null) continue;
    if (generation > 0) removeIfThere(join(folder, name));
    else for (const part of Object.values(foldersOf(folder, 0))) removeIfThere(part);
    removeIfThere(lockOf(folder, generation));
  }
}

function makeLock(path: string): void {
  try {
    Deno.openSync(path, { write: true, createNew: true }).close(); // never through a link
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw explainIoError(error, path);
  }
}
