import { join } from "node:path";
import { sha256, stableJson } from "../../../support/hash.ts";

/** Somebody else's work on an index: files, and the checksums beside them. */
export interface Hostile {
  readonly name: string;
  /** Changes a copy of an honest index in place. */
  apply(folder: string): void;
}

// deno-lint-ignore no-explicit-any -- headers of all kinds, whose fields are what is damaged
export type Fields = any;

/** Changes a JSON file, and seals it again where it was sealed. */
export function editJson(path: string, change: (fields: Fields) => void): void {
  const fields = JSON.parse(Deno.readTextFileSync(path));
  const sealed = !Array.isArray(fields) && "seal" in fields;
  delete fields.seal;
  change(fields);
  Deno.writeTextFileSync(path, JSON.stringify(sealed ? { ...fields, seal: sha256(stableJson(fields)) } : fields));
}

/** Changes the bytes of a file; what `change` gives takes their place. */
export function editBytes(path: string, change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array | void): void {
  const bytes = Deno.readFileSync(path);
  Deno.writeFileSync(path, change(bytes) ?? bytes);
}

/** Size and checksum of a file, as headers have them. */
export function sumOf(path: string): { readonly bytes: number; readonly sha256: string } {
  const bytes = Deno.readFileSync(path);
  return { bytes: bytes.length, sha256: sha256(bytes) };
}

/** A variant that edits one JSON file. */
export function json(
  file: string,
  name: string,
  change: (fields: Fields) => void,
  after?: (folder: string) => void,
): Hostile {
  return {
    name: `${file}: ${name}`,
    apply(folder) {
      editJson(join(folder, file), change);
      after?.(folder);
    },
  };
}

/** A variant that edits one file's bytes and then makes its checksums right. */
export function bytes(
  file: string,
  name: string,
  change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array | void,
  after?: (folder: string) => void,
): Hostile {
  return {
    name: `${file}: ${name}`,
    apply(folder) {
      editBytes(join(folder, file), change);
      after?.(folder);
    },
  };
}

/** Numbers that no size, count or place should be. */
export const STRANGE = [-1, 0, 1e9, 2 ** 31, 2 ** 32 + 1, 2 ** 53, 1e300, 0.5, null, "7", [1]] as const;

/** Variants of one field with each of {@link STRANGE}. */
export function strange(file: string, field: string, after?: (folder: string) => void): Hostile[] {
  return STRANGE.map((value) =>
    json(file, `${field} is ${JSON.stringify(value)}`, (fields) => {
      const names = field.split(".");
      const last = names.pop()!;
      names.reduce((inner, name) => inner[name], fields)[last] = value;
    }, after)
  );
}
