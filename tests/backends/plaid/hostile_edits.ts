import { join } from "node:path";
import { FILES, SHARED_FILES } from "../../../backends/plaid/index/format.ts";
import { sha256File } from "../../../support/hash.ts";
import { isFile } from "../../../support/paths.ts";

/** An index that an attacker made of an honest one. */
export interface HostileVariant {
  readonly name: string;
  /** What must come of it: one line at opening, searching or verifying at the latest; or, for `any`, whatever harms nobody. */
  readonly outcome: "refused" | "any";
  /** Changes the folder of the index (that of `plaid.json`), a copy of the honest one. */
  readonly make: (folder: string) => void;
}

export type Json = Record<string, unknown>;
export type FileName = keyof typeof NAMES;

/** The files of an index, as its header calls them. */
export const NAMES = { ...SHARED_FILES, ...FILES } as const;

/** Header of an index, or of one of its segments. */
export function headerFile(folder: string): string {
  return join(folder, isFile(join(folder, "plaid.json")) ? "plaid.json" : "segment.json");
}

export function readHeader(folder: string): Json {
  return JSON.parse(Deno.readTextFileSync(headerFile(folder)));
}

export function writeHeader(folder: string, header: Json): void {
  Deno.writeTextFileSync(headerFile(folder), JSON.stringify(header));
}

/** Makes the checksums and sizes in a header those of its files. */
export function sumFiles(folder: string): void {
  const header = readHeader(folder);
  for (const [name, file] of Object.entries(NAMES)) {
    const path = join(folder, file);
    const files = header.files as Json;
    if (files[name] === undefined || !isFile(path)) continue;
    files[name] = { bytes: Deno.statSync(path).size, sha256: sha256File(path) };
  }
  writeHeader(folder, header);
}

/** Sets a field, `a.b.c`, of a header; nothing where what it is in is not there. */
export function put(header: Json, field: string, value: unknown): void {
  const path = field.split(".");
  let inner: Json | undefined = header;
  for (const name of path.slice(0, -1)) inner = inner?.[name] as Json | undefined;
  if (inner !== undefined) inner[path[path.length - 1]] = value;
}

export function get(header: Json, field: string): unknown {
  return field.split(".").reduce<unknown>((inner, name) => (inner as Json | undefined)?.[name], header);
}

/** A variant by fields of the header. */
export function fields(
  name: string,
  outcome: HostileVariant["outcome"],
  change: Json | ((header: Json) => Json),
): HostileVariant {
  return {
    name,
    outcome,
    make(folder) {
      const header = readHeader(folder);
      const all = typeof change === "function" ? change(header) : change;
      for (const [field, value] of Object.entries(all)) put(header, field, value);
      writeHeader(folder, header);
    },
  };
}

/** A variant by what a file holds, and by fields of the header after its checksums were made to fit. */
export function content(
  name: string,
  outcome: HostileVariant["outcome"],
  file: FileName,
  change: (bytes: Uint8Array<ArrayBuffer>, header: Json) => Uint8Array<ArrayBuffer> | void,
  more: (header: Json) => Json = () => ({}),
): HostileVariant {
  return {
    name: `${NAMES[file]}: ${name}`,
    outcome,
    make(folder) {
      const path = join(folder, NAMES[file]);
      if (!isFile(path)) return;
      const bytes = Deno.readFileSync(path);
      Deno.writeFileSync(path, change(bytes, readHeader(folder)) ?? bytes);
      sumFiles(folder);
      const header = readHeader(folder);
      for (const [field, value] of Object.entries(more(header))) put(header, field, value);
      writeHeader(folder, header);
    },
  };
}

export function words(bytes: Uint8Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  return new Uint32Array(bytes.buffer, 0, Math.floor(bytes.length / 4));
}

/** All lists replaced by others, with sizes that fit. */
export function lists(
  name: string,
  outcome: HostileVariant["outcome"],
  list: (cell: number, header: Json) => Uint8Array,
  padding: Uint8Array = new Uint8Array(8),
): HostileVariant {
  return {
    name: `lists.bin: ${name}`,
    outcome,
    make(folder) {
      const header = readHeader(folder);
      const partitions = Deno.statSync(join(folder, NAMES.listSizes)).size / 4;
      const all = Array.from({ length: partitions }, (_, cell) => list(cell, header));
      Deno.writeFileSync(join(folder, NAMES.lists), join8([...all, padding]));
      Deno.writeFileSync(
        join(folder, NAMES.listSizes),
        new Uint8Array(Uint32Array.from(all, ({ length }) => length).buffer),
      );
      sumFiles(folder);
    },
  };
}

/** All passages' residuals replaced by other lists of steps, with sizes that fit. */
export function steps(
  name: string,
  outcome: HostileVariant["outcome"],
  list: (passage: number) => Uint8Array,
): HostileVariant {
  return {
    name: `residuals.bin, lists: ${name}`,
    outcome,
    make(folder) {
      if (!isFile(join(folder, NAMES.residualSizes))) return;
      const all = Array.from({ length: readHeader(folder).passages as number }, (_, passage) => list(passage));
      Deno.writeFileSync(join(folder, NAMES.residuals), join8([...all, new Uint8Array(8)]));
      const sizes = Uint32Array.from(all, ({ length }) => length);
      Deno.writeFileSync(join(folder, NAMES.residualSizes), new Uint8Array(sizes.buffer));
      sumFiles(folder);
    },
  };
}

export function join8(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
