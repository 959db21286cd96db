import { homedir } from "node:os";
import { basename, dirname, join, resolve, sep } from "node:path";
import { z } from "zod";
import { badInput, explainIoError, LatebenchError } from "./errors.ts";

/** What latebench makes folders for. A folder is replaced by one of its own kind only. */
export type FolderKind = "index" | "foreign index" | "data set" | "store entry" | "site";

/** The file that latebench writes into every folder that it may later replace or remove; it holds the folder's kind. */
export const MARKER = ".latebench-folder.json";

const markerSchema = z.object({
  made_by: z.literal("latebench"),
  kind: z.string(),
  replaces: z.string().regex(/^(?!\.\.?$)[^/\0]+$/).optional().describe("of a folder put aside: the name that it had"),
});

/** What a marker says. */
export type Marker = z.infer<typeof markerSchema>;

/** What may become of a target folder. */
export interface TargetRules {
  readonly kind: FolderKind;
  /** Files and folders that the new folder is made of: none may lie in the target, and it in none of the folders. */
  readonly inputs?: readonly string[];
  /** Whether a folder without a marker was made by an earlier latebench, and is of this kind. */
  readonly recognises?: (folder: string) => boolean;
  /** The names of all files and folders that latebench puts into such a folder: whatever else lies in it is somebody's own. */
  readonly holds?: RegExp;
}

/** What is at a target that may be written. */
export type TargetState = "absent" | "empty" | "ours";

/**
 * Checks that a folder may be made at `path`, and what is there replaced.
 *
 * @throws {LatebenchError} where there is anything but an empty folder or one of latebench's own of the same kind, where it is a
 *   link, the root, the home or the current folder (or holds one of these), where something of somebody's own lies in it, and where
 *   it would meet one of its inputs
 */
export function checkTarget(path: string, rules: TargetRules): TargetState {
  const target = realPathOf(path);
  for (
    const [folder, name] of [["/", "the root folder"], [homeFolder(), "the home folder"], [
      Deno.cwd(),
      "the current folder",
    ]]
  ) {
    if (folder !== null && isWithin(realPathOf(folder!), target)) throw badInput(path, name!, "a folder of its own");
  }
  for (const input of rules.inputs ?? []) checkApart(path, target, input);
  const info = lstat(path);
  if (info === null) return "absent";
  if (info.isSymlink) throw badInput(path, "a link", "a folder, or nothing");
  if (!info.isDirectory) throw badInput(path, "a file", "a folder, or nothing");
  if (isEmpty(path)) return "empty";
  const marker = readMarker(path);
  if (marker?.kind === rules.kind || (marker === null && (rules.recognises?.(path) ?? false))) {
    checkContents(path, rules);
    return "ours";
  }
  const found = marker === null ? "a folder that latebench did not make" : `a folder of another kind (${marker.kind})`;
  throw badInput(
    path,
    found,
    `an empty folder, one of kind ${rules.kind}, or nothing; it is not replaced, with --force neither`,
  );
}

function checkContents(path: string, { kind, holds }: TargetRules): void {
  const other = holds && namesIn(path).find((name) => !holds.test(name) && !name.startsWith(".latebench-"));
  if (!other) return;
  throw badInput(
    join(path, other),
    "something that latebench did not put there",
    `only what belongs to a folder of kind ${kind}: move it elsewhere; the folder is not replaced, with --force neither`,
  );
}

function checkApart(path: string, target: string, input: string): void {
  if (lstat(input) === null) return; // whoever reads it says so
  const real = realPathOf(input);
  if (isWithin(real, target)) throw badInput(path, `a folder that holds its source ${input}`, "one apart from it");
  if (isWithin(target, real)) throw badInput(path, `a folder in its source ${input}`, "one apart from it");
}

/**
 * Refuses to write a file over one that is read.
 *
 * @throws {LatebenchError} (wrong usage) naming `option`
 */
export function refuseInput(option: string, out: string, inputs: readonly string[]): void {
  const target = realPathOf(out);
  const met = inputs.find((input) => realPathOf(input) === target);
  if (met !== undefined) throw new LatebenchError(`${option} ${out}: this is the input ${met}, choose another name`, 1);
}

/** Whether all files and folders in `folder` have names of a pattern: then somebody's own are not among them. */
export function hasOnly(folder: string, names: RegExp): boolean {
  return namesIn(folder).every((name) => names.test(name));
}

function namesIn(folder: string): string[] {
  try {
    return Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
  } catch (error) {
    throw explainIoError(error, folder);
  }
}

/** Marks a folder as made by latebench. @throws where there is a marker already, or a link */
export function markFolder(folder: string, kind: string): void {
  const path = join(folder, MARKER);
  try {
    if (isUnwritten(path)) Deno.removeSync(path);
    Deno.writeTextFileSync(path, markerText({ kind }), { createNew: true });
  } catch (error) {
    if (isUnwritten(path)) Deno.removeSync(path);
    throw explainIoError(error, path);
  }
}

/** Of a process that was killed, or had no room, while it wrote the marker. */
function isUnwritten(marker: string): boolean {
  const info = lstat(marker);
  return info !== null && info.isFile && info.size === 0;
}

/** Makes a folder of latebench's own that grows in place, or takes the one that is there. @throws as {@link checkTarget} */
export function makeOwnedFolder(path: string, rules: TargetRules): void {
  if (checkTarget(path, rules) === "ours") return;
  try {
    Deno.mkdirSync(path, { recursive: true });
  } catch (error) {
    throw explainIoError(error, path);
  }
  markFolder(path, rules.kind);
}

/** Gives a folder another marker, or its first; a link in its place is replaced. */
export function remarkFolder(folder: string, marker: Omit<Marker, "made_by">): void {
  const path = join(folder, MARKER);
  const next = join(folder, `.latebench-${crypto.randomUUID()}`);
  try {
    Deno.writeTextFileSync(next, markerText(marker), { createNew: true });
    Deno.renameSync(next, path);
  } catch (error) {
    throw explainIoError(error, path);
  }
}

function markerText(marker: Omit<Marker, "made_by">): string {
  return JSON.stringify({ made_by: "latebench", ...marker }) + "\n";
}

/** Reads a folder's marker; null where it has none, or something else of this name. */
export function readMarker(folder: string): Marker | null {
  const path = join(folder, MARKER);
  const info = lstat(path);
  if (!info?.isFile || info.size > 4096) return null;
  try {
    return markerSchema.safeParse(JSON.parse(Deno.readTextFileSync(path))).data ?? null;
  } catch {
    return null;
  }
}

/** The path of something that is there or not, with all links resolved. */
function realPathOf(path: string): string {
  const absolute = resolve(path);
  try {
    return Deno.realPathSync(absolute);
  } catch {
    const parent = dirname(absolute);
    return parent === absolute ? absolute : join(realPathOf(parent), basename(absolute));
  }
}

/** Whether `inner` is `outer` or lies below it; both real paths. */
function isWithin(inner: string, outer: string): boolean {
  return inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);
}

/** Null where it is not known: not every task may ask for it, and Deno would ask the user. */
function homeFolder(): string | null {
  const allowed = Deno.permissions.querySync({ name: "sys", kind: "homedir" }).state === "granted";
  try {
    return allowed ? homedir() : null;
  } catch {
    return null;
  }
}

function isEmpty(folder: string): boolean {
  try {
    return [...Deno.readDirSync(folder).take(2)].every(({ name }) =>
      name === MARKER && isUnwritten(join(folder, name))
    );
  } catch (error) {
    throw explainIoError(error, folder);
  }
}

function lstat(path: string): Deno.FileInfo | null {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw explainIoError(error, path);
  }
}
