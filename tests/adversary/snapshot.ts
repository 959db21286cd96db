import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sha1 } from "../../support/hash.ts";

/** Larger files are told by their times, bytes. */
const READ = 1 << 18;

/** What every path below a folder was: kind, size, time and content, as one text each. */
export type Snapshot = ReadonlyMap<string, string>;

/**
 * Takes down everything below a folder. Of a small file the content counts, of a large one the change time, which no program can
 * set, but which hard links to it change, too.
 *
 * @param leaveOut paths within the folder that are not entered
 */
export function takeSnapshot(folder: string, leaveOut: readonly string[] = []): Snapshot {
  const found = new Map<string, string>();
  const visit = (path: string) => {
    for (const name of readdirSync(join(folder, path))) {
      const inner = path === "" ? name : `${path}/${name}`;
      if (leaveOut.includes(inner)) continue;
      const { mode, size, ino, ctimeNs, mtimeNs } = lstatSync(join(folder, inner), { bigint: true });
      const folderLike = (mode & 0o170000n) === 0o040000n;
      // A folder's own times change with what is in it, which is found anyway.
      const small = (mode & 0o170000n) === 0o100000n && size <= READ;
      const content = small ? sha1(readFileSync(join(folder, inner), "latin1")) : String(ctimeNs);
      found.set(inner, folderLike ? `folder ${ino} ${mode}` : `${mode} ${size} ${ino} ${mtimeNs} ${content}`);
      if (folderLike) visit(inner);
    }
  };
  visit("");
  return found;
}

/** Paths that came, went, or are others than before, each with what became of it. */
export function differences(before: Snapshot, after: Snapshot): { readonly path: string; readonly what: string }[] {
  const gone = [...before.keys()].filter((path) => !after.has(path)).map((path) => ({ path, what: "removed" }));
  const others = [...after].flatMap(([path, state]) => {
    const was = before.get(path);
    if (was === state) return [];
    return [{ path, what: was === undefined ? "made" : "changed" }];
  });
  return [...gone, ...others];
}
