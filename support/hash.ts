import { createHash } from "node:crypto";
import { explainIoError } from "./errors.ts";
import { openFile } from "./open_file.ts";

/** SHA-256 of `content` (text as UTF-8), in hexadecimal. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** SHA-1 of a text, in hexadecimal: for ids that have to look like those of other tools, not for safety. */
export function sha1(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}

/** SHA-256 of a file's bytes, in hexadecimal. */
export function sha256File(path: string): string {
  return hashFile(path, "sha256");
}

/**
 * Hash of a file's bytes, read in pieces of 1 MiB, in hexadecimal.
 *
 * @param prefix what is hashed before the file
 */
export function hashFile(path: string, algorithm: "sha256" | "sha1" | "md5", prefix = ""): string {
  const hash = createHash(algorithm).update(prefix);
  try {
    using file = openFile(path);
    const { size } = file.statSync();
    const buffer = new Uint8Array(Math.min(1 << 20, size + 1)); // small files are many: no megabyte of zeros for each
    for (let n = file.readSync(buffer); n !== null; n = file.readSync(buffer)) hash.update(buffer.subarray(0, n));
  } catch (error) {
    throw explainIoError(error, path);
  }
  return hash.digest("hex");
}

/** The key of an artefact: a hash of everything that went into it. Key order of objects does not matter. */
export function artefactKey(ingredients: Readonly<Record<string, unknown>>): string {
  return sha256(stableJson(ingredients)).slice(0, 20);
}

/** JSON with the keys of every object sorted, so that equal values give equal text. */
export function stableJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner) => {
    if (inner === null || typeof inner !== "object" || Array.isArray(inner)) return inner;
    const entries = Object.entries(inner as Record<string, unknown>);
    return Object.fromEntries(entries.sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0));
  });
}
