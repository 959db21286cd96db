import { basename, dirname, join } from "node:path";
import { badInput } from "../../support/errors.ts";
import { download } from "../../support/download.ts";
import { hashFile, sha256File } from "../../support/hash.ts";
import { lockFolder } from "../../support/lock.ts";
import { isFile, isFolder } from "../../support/paths.ts";
import { makeFolder } from "../../support/temporary.ts";
import type { PublishedFile } from "../catalogue/catalogue.ts";
import { stateOf, writeReceipt } from "./receipt.ts";
import { unpack, type UnpackedFile } from "./unpack.ts";

/** Where data is kept, and what is told. */
export interface FetchOptions {
  readonly dataDir: string;
  readonly quiet: boolean;
  /** Takes one line for people. */
  readonly tell: (line: string) => void;
}

/**
 * Brings a published file into the data folder: nothing where it is there already, from a copy that someone put into the folder (under
 * whatever name: the checksum says that it is the file), or from its address. It is verified before anything uses it.
 *
 * @throws {LatebenchError} as {@link download} and {@link unpack}; for a copy of the right name with a wrong checksum
 */
export async function fetchFile(file: PublishedFile, options: FetchOptions): Promise<void> {
  const { dataDir, quiet, tell } = options;
  if (isThere(file, options)) return;
  const downloads = join(dataDir, ".downloads");
  using _lock = await lockFolder(downloads);
  if (isThere(file, options)) return; // another process has fetched it meanwhile
  const { state, member } = stateOf(dataDir, file);
  if (state === "damaged") tell(`${file.id}: ${member} has changed, it is fetched again`);

  const copy = findCopy(file, dataDir);
  const archive = copy ?? join(downloads, basename(new URL(file.url).pathname));
  if (copy === null) {
    showLicence(file, dataDir, tell);
    const expected = { size: file.bytes, checksum: { kind: "md5", value: file.md5 } } as const;
    if (!isFile(archive)) await download(file.url, archive, expected, quiet);
    else if (hashFile(archive, "md5") !== file.md5) throw badInput(archive, "another file", `MD5 ${file.md5}`);
  }
  const members = await takeApart(file, archive, join(dataDir, file.folder), copy !== null);
  for (const name of file.members.filter((name) => !members.some(({ path }) => path === name))) {
    tell(`${file.id}: the archive has no ${name}`);
  }
  writeReceipt(dataDir, file, members);
  if (copy === null && file.unpack) Deno.removeSync(archive);
  tell(`${file.id}: ${members.map(({ path }) => path).join(", ")}`);
}

/** Whether there is nothing to do; says so. */
function isThere(file: PublishedFile, { dataDir, tell }: FetchOptions): boolean {
  const { state } = stateOf(dataDir, file);
  if (state === "fetched") tell(`${file.id}: there`);
  else if (state === "present") {
    tell(`${file.id}: its files are there; they were not fetched here and cannot be verified`);
  } else return false;
  return true;
}

async function takeApart(
  file: PublishedFile,
  archive: string,
  folder: string,
  keep: boolean,
): Promise<UnpackedFile[]> {
  if (file.unpack) return await unpack(archive, file.unpack, folder, new Set(file.members));
  const [path] = file.members;
  const target = join(folder, path);
  makeFolder(dirname(target));
  if (keep && archive !== target) Deno.copyFileSync(archive, target);
  else if (archive !== target) Deno.renameSync(archive, target);
  return [{ path, bytes: file.bytes, sha256: sha256File(target) }];
}

/** A file of the right size and checksum in the data folder or the family's: a mirror may have given it another name. */
function findCopy({ bytes, md5, folder }: PublishedFile, dataDir: string): string | null {
  for (const place of new Set([dataDir, join(dataDir, folder)])) {
    if (!isFolder(place)) continue;
    for (const { name, isFile } of Deno.readDirSync(place)) {
      const path = join(place, name);
      if (isFile && Deno.statSync(path).size === bytes && hashFile(path, "md5") === md5) return path;
    }
  }
  return null;
}

/** Says once for each data folder under which terms the data may be used. */
function showLicence({ licence }: PublishedFile, dataDir: string, tell: (line: string) => void): void {
  const path = join(dataDir, ".licences");
  const shown = isFile(path) ? Deno.readTextFileSync(path).split("\n") : [];
  if (shown.includes(licence)) return;
  tell(`licence: ${licence}`);
  makeFolder(dataDir);
  Deno.writeTextFileSync(path, `${licence}\n`, { append: true });
}
