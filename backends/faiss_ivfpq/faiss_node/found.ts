import { dirname, join, relative, resolve } from "node:path";
import { z } from "zod";
import { writeJson } from "../../../support/atomic_write.ts";
import { LatebenchError } from "../../../support/errors.ts";
import { sha256File } from "../../../support/hash.ts";
import { ownerObjection } from "../../../support/kept_library.ts";
import { readJson } from "../../../support/json.ts";
import { isFile } from "../../../support/paths.ts";
import { innerPath, joinInside } from "../../../support/safe_name.ts";
import { loadBinding } from "./binding.ts";

/** A `faiss-node` that loads here. */
export interface FaissSetup {
  readonly library: string;
  /** Of FAISS. */
  readonly version: string;
  readonly origin: "prebuilt" | "compiled";
}

/** What `deno task setup` has written of the binding that it made, in the folder that holds it. */
const RECORD = "setup.json";
const record = z.strictObject({
  library: innerPath,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  others: z.record(innerPath, z.string()).default({}).describe(
    "checksums of libraries that it loads from its own folder",
  ),
  version: z.string().regex(/^[0-9.?]{1,40}$/),
  origin: z.enum(["prebuilt", "compiled"]),
});

/** What to do where FAISS is missing. */
export const HOW_TO_GET_FAISS = "`deno task setup` gets FAISS";

/** What FAISS is called in results. */
export function faissName({ version, origin }: FaissSetup): string {
  return `FAISS ${version} (faiss-node, ${origin})`;
}

/** The folder of a store that holds FAISS's binding. */
export function faissFolder(store: string): string {
  return resolve(store, "faiss");
}

/**
 * Looks for the binding that `deno task setup` has made. Nothing is fetched, installed, compiled or run for it; the library is loaded
 * only where it is the file that was written then.
 *
 * @param store the folder of artefacts
 * @returns the binding, or in one line what stands against it
 */
export function findFaiss(store: string): FaissSetup | { readonly problem: string } {
  const folder = faissFolder(store);
  const file = join(folder, RECORD);
  if (!isFile(file)) return { problem: `none was set up in ${store}` };
  try {
    const { library: name, sha256, others, version, origin } = readJson(file, record, "what deno task setup wrote");
    const library = joinInside(folder, name);
    for (
      const [name, expected] of [[RECORD, null], ...Object.entries({ [relative(folder, library)]: sha256, ...others })]
    ) {
      const path = joinInside(folder, name!);
      if (!isThere(path)) return { problem: `${path} is gone` };
      const objection = ownerObjection(path);
      if (objection !== null) return { problem: `${path} is ${objection}` };
      if (expected !== null && sha256File(path) !== expected) {
        return { problem: `${path} is not the file that was set up` };
      }
    }
    const problem = tryLoading(library);
    return problem === null ? { library, version, origin } : { problem };
  } catch (error) {
    if (error instanceof LatebenchError) return { problem: error.message };
    throw error;
  }
}

/** Writes down a binding that loads here, for {@link findFaiss}. */
export function recordFaiss(store: string, { library, version, origin }: FaissSetup): void {
  const folder = faissFolder(store);
  const name = relative(folder, library);
  const others = origin === "prebuilt" ? librariesBeside(library) : [];
  for (const path of [library, ...others]) forbidOthers(path);
  writeJson(join(folder, RECORD), {
    library: name,
    sha256: sha256File(library),
    others: Object.fromEntries(others.map((path) => [relative(folder, path), sha256File(path)])),
    version,
    origin,
  });
  forbidOthers(join(folder, RECORD));
}

/** Some users' files are writable by their group unless told otherwise. */
function forbidOthers(path: string): void {
  if (Deno.build.os !== "windows") Deno.chmodSync(path, 0o755 & (Deno.statSync(path).mode ?? 0o755));
}

function librariesBeside(library: string): string[] {
  const names = Array.from(Deno.readDirSync(dirname(library)), ({ name }) => name).filter((name) =>
    /\.so(\.|$)/.test(name)
  );
  return names.sort().map((name) => join(dirname(library), name));
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

/** In one line why a library does not load, or null. */
export function tryLoading(library: string): string | null {
  try {
    loadBinding(library, null);
    return null;
  } catch (error) {
    return `${library}: ${(error as Error).message.split("\n")[0]}`;
  }
}
