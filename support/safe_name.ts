import { join } from "node:path";
import { z } from "zod";

/** What a {@link safeName} is, for messages. */
export const SAFE_NAME = "a name of letters, digits, ., _ and - that begins with none of .-";

/**
 * The name of one file or folder, where it was read from a file: it cannot lead out of the folder that it is joined to, is no
 * option of a program, and is not hidden.
 *
 * @example
 * ```ts
 * safeName.safeParse("segment-000001").success; // true
 * safeName.safeParse("../victim").success; // false
 * ```
 */
export const safeName = z.string().max(200).regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/, `is not ${SAFE_NAME}`);

/**
 * A path below the folder of the file that names it: relative, with `/`, without `..`, control characters, and empty parts.
 * Blanks and other scripts are allowed, since these are people's own files.
 */
export const innerPath = z.string().max(4096).refine(isInnerPath, "is not a relative path inside the folder");

/** Whether a path stays below the folder that it is joined to. */
function isInnerPath(path: string): boolean {
  // deno-lint-ignore no-control-regex -- control characters are what is looked for
  if (/[\x00-\x1f\x7f\\]/.test(path) || !path.isWellFormed()) return false;
  return path.split("/").every((part) => part !== "" && part !== "." && part !== "..") && !/^[A-Za-z]:/.test(path);
}

/**
 * The path of something below `folder`.
 *
 * @throws {TypeError} where it would lead out: names from files are checked when they are read, by {@link innerPath}
 */
export function joinInside(folder: string, path: string): string {
  if (!isInnerPath(path)) throw new TypeError(`${JSON.stringify(path)} leads out of ${folder}`);
  return join(folder, path);
}
