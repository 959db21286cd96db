import { basename, dirname, join } from "node:path";
import { removeOwnedFolder } from "./atomic_folder.ts";
import { lockFolder, lockShared, lockUnread } from "./lock.ts";
import type { TargetRules } from "./owned_folder.ts";
import { isFolder } from "./paths.ts";

/** A folder that nobody removes until it is disposed of. */
export interface HeldFolder extends Disposable {
  readonly folder: string;
}

/** How a folder that several processes use is made. */
export interface SharedFolder {
  readonly rules: TargetRules;
  /** Whether a folder is all that it should be. */
  isWhole(folder: string): boolean;
  /** Makes the folder, or goes on with what an interrupted process left of it. */
  make(folder: string): Promise<unknown>;
  /** Whether it is made even where it is there. */
  readonly anew?: boolean;
}

/** In a folder that is used: whoever reads it holds a shared lock of this file. */
const READERS = ".readers.lock";

/**
 * Takes hold of a folder that any number of processes use, and makes it where it is missing: one process at a time, while the others
 * wait. What another process holds is never removed: to be made anew, a folder that is being read gets another name (`PATH.1`, and
 * so on), which from then on is the one that holds; old ones go when nobody reads them any more.
 *
 * @param path where it lies if nothing stands against it
 * @throws whatever `make` throws
 */
export async function holdFolder(
  path: string,
  { rules, isWhole, make, anew = false }: SharedFolder,
): Promise<HeldFolder> {
  using _lock = await lockFolder(path);
  const copies = copiesOf(path);
  const newest = anew ? undefined : copies.findLast(isWhole);
  if (newest !== undefined) {
    for (const copy of copies) if (copy !== newest) removeUnread(copy, rules);
    return hold(newest);
  }
  const left = anew ? copies.filter((copy) => !removeUnread(copy, rules)) : [];
  const next = left.length === 0 ? path : `${path}.${1 + numberOf(path, left[left.length - 1])}`;
  await make(next);
  return hold(next);
}

/** Takes hold of a folder as {@link holdFolder} does; null where there is none that is whole. */
export async function holdWhole(
  path: string,
  { isWhole }: Pick<SharedFolder, "isWhole">,
): Promise<HeldFolder | null> {
  if (copiesOf(path).length === 0) return null; // no lock beside nothing
  using _lock = await lockFolder(path);
  const newest = copiesOf(path).findLast(isWhole);
  return newest === undefined ? null : hold(newest);
}

/** Removes a folder that was held, unless somebody else holds it. */
export async function dropFolder(path: string, { rules }: Pick<SharedFolder, "rules">): Promise<void> {
  using _lock = await lockFolder(path);
  for (const copy of copiesOf(path)) removeUnread(copy, rules);
}

/** Only while the folder is locked: then nobody else removes it. */
function hold(folder: string): HeldFolder {
  const lock = lockShared(join(folder, READERS));
  return { folder, [Symbol.dispose]: () => lock?.[Symbol.dispose]() };
}

/** Whether nobody held it. */
function removeUnread(folder: string, rules: TargetRules): boolean {
  using unread = lockUnread(join(folder, READERS));
  if (unread === null) return false;
  removeOwnedFolder(folder, rules);
  return true;
}

/** The folder and those that were made anew, oldest first. */
function copiesOf(path: string): string[] {
  const parent = dirname(path);
  if (!isFolder(parent)) return [];
  const copies = Array.from(Deno.readDirSync(parent), ({ name }) => join(parent, name)).filter((copy) => {
    return numberOf(path, copy) >= 0 && isFolder(copy);
  });
  return copies.sort((a, b) => numberOf(path, a) - numberOf(path, b));
}

/** 0 for the folder itself, −1 for another one. */
function numberOf(path: string, copy: string): number {
  const rest = basename(copy).slice(basename(path).length);
  if (!basename(copy).startsWith(basename(path))) return -1;
  return rest === "" ? 0 : Number(/^\.([1-9]\d{0,8})$/.exec(rest)?.[1] ?? -1);
}
