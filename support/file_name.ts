import { sha256 } from "./hash.ts";

/** Letters of a file's name at most, before endings: systems allow 255 bytes, and temporary names are longer. */
const LONGEST = 150;

/**
 * A name as a part of a file's name: itself where it is plain, else what is plain of it and a short hash. Names that differ have parts
 * that differ, on file systems too that do not tell `A` from `a`.
 *
 * @example
 * ```ts
 * fileNamePart("bm25"); // "bm25"
 * fileNamePart("a b") === fileNamePart("a+b"); // false
 * ```
 */
export function fileNamePart(name: string): string {
  const slug = slugOf(name);
  return slug === name && name === name.toLowerCase() && !looksHashed(name) ? name : withHash(slug, name);
}

/**
 * Parts of file names for all of some names: the slug where no other name has it, else {@link fileNamePart}. They depend on the names
 * alone, not on their order.
 */
export function fileNameParts(names: Iterable<string>): ReadonlyMap<string, string> {
  const bySlug = Map.groupBy(new Set(names), (name) => slugOf(name).toLowerCase());
  const parts = new Map<string, string>();
  for (const own of bySlug.values()) {
    const [only] = own;
    const kept = own.length === 1 && !looksHashed(slugOf(only)) && slugOf(only).length < LONGEST;
    for (const name of own) parts.set(name, kept ? slugOf(name) : withHash(slugOf(name), name));
  }
  return parts;
}

/**
 * A file's name of several parts with dots between them, each plain or of {@link fileNamePart}: where all are too long together, their
 * beginning and a hash of all.
 */
export function joinedFileName(parts: readonly string[]): string {
  const joined = parts.join(".");
  return joined.length <= LONGEST + 13 ? joined : withHash(joined.slice(0, LONGEST), JSON.stringify(parts));
}

/** What could be another name's slug with its hash gets a hash of its own. */
function looksHashed(slug: string): boolean {
  return /-[0-9a-f]{12}$/.test(slug);
}

function withHash(slug: string, name: string): string {
  return `${slug}-${sha256(name.isWellFormed() ? name : JSON.stringify(name)).slice(0, 12)}`;
}

function slugOf(name: string): string {
  return name.replace(/[^A-Za-z0-9._=-]+/g, "_").replace(/^\.+/, "_").slice(0, LONGEST) || "_";
}
