import { join } from "node:path";
import { elfSymbols } from "./elf.ts";
import { sha256 } from "./hash.ts";
import { dropTemporary, makeTemporaryFolder } from "./temporary.ts";

/** Compiled libraries of one kind in a folder: `STEM-HASH.so`, where HASH begins the SHA-256 of the file itself. */
export interface LibraryKind {
  readonly folder: string;
  readonly stem: string;
  /** `.so`, for example. */
  readonly ending: string;
  /** What a library of the kind exports. */
  readonly symbols: readonly string[];
}

/** A library that may be loaded, or what stands against those that are there: one line each. */
export interface KeptLibrary {
  readonly library: string | null;
  readonly objections: readonly string[];
}

const DIGITS = 16;

/** Bits of a file's mode: writable by its group, or by all. */
const WRITABLE_BY_OTHERS = 0o022;

/**
 * Looks for a library that may be loaded into this process. To load a damaged file can end the process, and code of somebody else may
 * do anything; so it must be a regular file, of this user or root and not writable by others, whole, and export what it should.
 */
export function keptLibrary({ folder, stem, ending, symbols }: LibraryKind): KeptLibrary {
  const objections: string[] = [];
  for (const name of namesIn(folder)) {
    const hash = hashIn(name, stem, ending);
    if (hash === null) continue;
    const library = join(folder, name);
    const objection = objectionTo(library, hash, symbols);
    if (objection === null) return { library, objections };
    objections.push(`${library}: ${objection}`);
  }
  return { library: null, objections };
}

/**
 * Makes a library and keeps it, in the place of a damaged one of this user.
 *
 * @param compile writes it to `target`; `own` is a folder for what it needs meanwhile, which goes also where a signal ends the program. Returns in one line why not, or null
 * @throws where the folder cannot be written
 */
export async function keepLibrary(
  kind: LibraryKind,
  compile: (own: string, target: string) => Promise<string | null>,
): Promise<{ readonly library: string } | { readonly problem: string }> {
  const { folder, stem, ending, symbols } = kind;
  const temporary = makeTemporaryFolder(join(folder, stem), "store entry");
  const own = temporary.path;
  try {
    if (Deno.build.os !== "windows") Deno.chmodSync(own, 0o700); // nobody else changes what is compiled
    const made = join(own, `made${ending}`);
    const problem = await compile(own, made);
    if (problem !== null) return { problem };
    const bytes = Deno.readFileSync(made);
    const lacks = whatLacks(bytes, symbols);
    if (lacks !== null) return { problem: `what was compiled is ${lacks}` };
    if (Deno.build.os !== "windows") Deno.chmodSync(made, 0o755);
    using file = Deno.openSync(made, { read: true, write: true });
    file.syncSync();
    const name = `${stem}-${sha256(bytes).slice(0, DIGITS)}`;
    for (const other of ["", `-${Deno.uid() ?? 0}`, `-${crypto.getRandomValues(new Uint32Array(1))[0]}`]) {
      const library = join(folder, name + other + ending);
      if (replace(made, library)) return { library };
    }
    return { problem: `${join(folder, name + ending)} cannot be written` };
  } finally {
    dropTemporary(own);
    temporary[Symbol.dispose]();
  }
}

/** Why a file's code must not be run, whatever it holds: it is no regular file, or others can write it; null where nothing is. */
export function ownerObjection(path: string): string | null {
  const { isFile, uid, mode } = Deno.lstatSync(path);
  if (!isFile) return "no regular file";
  if (!isOwn(uid)) return "a file of another user";
  const others = mode !== null && Deno.build.os !== "windows" && (mode & WRITABLE_BY_OTHERS) !== 0;
  return others ? "writable by others" : null;
}

/** Why a file must not be loaded; null where nothing stands against it. */
function objectionTo(path: string, hash: string, symbols: readonly string[]): string | null {
  try {
    const objection = ownerObjection(path);
    if (objection !== null) return objection;
    const bytes = Deno.readFileSync(path);
    if (!sha256(bytes).startsWith(hash)) return "damaged";
    return whatLacks(bytes, symbols);
  } catch (error) {
    return (error as Error).message.split("\n")[0];
  }
}

/** What a library is without, as far as its bytes tell; formats of other systems than Linux are not read. */
function whatLacks(bytes: Uint8Array, symbols: readonly string[]): string | null {
  if (Deno.build.os !== "linux") return bytes.length > 0 ? null : "empty";
  const exported = elfSymbols(bytes);
  if (exported === null) return "no library of this machine";
  const missing = symbols.filter((name) => !exported.has(name));
  return missing.length === 0 ? null : `a library without ${missing.slice(0, 3).join(", ")}`;
}

/** Gives a file a name, unless somebody else's file or a folder has it. */
function replace(made: string, name: string): boolean {
  try {
    if (!isOwn(Deno.lstatSync(name).uid)) return false;
  } catch { /* there is none */ }
  try {
    Deno.renameSync(made, name);
    return true;
  } catch {
    return false;
  }
}

/** Whether a file's owner is this user or root; true where files have no owners. */
function isOwn(uid: number | null): boolean {
  return uid === null || uid === 0 || uid === Deno.uid();
}

function namesIn(folder: string): string[] {
  try {
    return Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
  } catch {
    return []; // it may not be there yet
  }
}

/** The digits in the name of a library of a kind; null for any other name. */
function hashIn(name: string, stem: string, ending: string): string | null {
  if (!name.startsWith(`${stem}-`) || !name.endsWith(ending)) return null;
  return /^([0-9a-f]{16})(-\d+)?$/.exec(name.slice(stem.length + 1, -ending.length))?.[1] ?? null;
}
