import { join } from "node:path";
import { z } from "zod";
import type { Metadata, Passage } from "../datasets/dataset.ts";
import { openHashed } from "../support/atomic_write.ts";
import { readJson } from "../support/json.ts";
import { isFile } from "../support/paths.ts";
import { noteFiles, removeNoted, verifyNoted } from "./noted_files.ts";

const FILE = "metadata.json";

/** Writes what a collection says of its passages besides their text; no file where it says nothing. */
export function writeMetadata(folder: string, passages: Iterable<Pick<Passage, "metadata">>): void {
  using file = openHashed(join(folder, FILE));
  const encoder = new TextEncoder();
  let some = false;
  let separator = "[";
  for (const { metadata = {} } of passages) {
    some ||= Object.keys(metadata).length > 0;
    file.write(encoder.encode(separator + JSON.stringify(metadata)));
    separator = ",\n";
  }
  file.write(encoder.encode(separator === "[" ? "[]" : "]"));
  if (some) noteFiles(folder, { [FILE]: file.commit() });
  else removeNoted(folder, FILE);
}

/**
 * Reads it again, passage by passage: `{}` for each where nothing was said.
 *
 * @throws {LatebenchError} where the file is broken, or another one than was written
 */
export function readMetadata(folder: string, passages: number): readonly Metadata[] {
  const file = join(folder, FILE);
  if (!isFile(file)) return Array.from({ length: passages }, () => ({}));
  verifyNoted(folder, { [FILE]: () => {} });
  const schema = z.array(z.record(z.string(), z.unknown())).length(passages);
  return readJson(file, schema, `metadata of ${passages} passages`);
}
