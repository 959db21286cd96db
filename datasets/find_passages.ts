import { join } from "node:path";
import { isPacked } from "../support/decompress.ts";
import { badInput } from "../support/errors.ts";
import { artefactKey } from "../support/hash.ts";
import { openFile } from "../support/open_file.ts";
import { readAt } from "../support/read_at.ts";
import type { Passage } from "./dataset.ts";
import { parseJsonlPassage } from "./formats/jsonl.ts";
import { parseTsvPassage } from "./formats/tsv.ts";
import { openLineIndex } from "./line_index.ts";
import { openLocated } from "./open.ts";
import type { LocatedDataset } from "./registry.ts";

const PARSERS = { tsv: parseTsvPassage, jsonl: parseJsonlPassage };

/**
 * Passages by id, in the order asked for. TSV and JSONL collections that are not packed are read through a line index,
 * which is made when it is first needed: a few reads of some bytes for a passage, whatever the collection's size. The others are
 * streamed.
 *
 * @param indexFolder where line indexes are kept
 * @throws {LatebenchError} for an id that is not there
 */
export function findPassages(located: LocatedDataset, ids: readonly string[], indexFolder: string): Passage[] {
  const { file, format } = located.description.collection;
  const path = join(located.directory, file);
  const found = (format === "tsv" || format === "jsonl") && !isPacked(path)
    ? throughLineIndex(path, format, ids, indexFolder)
    : streamed(openLocated(located).passages(), new Set(ids));
  return ids.map((id) => {
    const passage = found.get(id);
    if (passage) return passage;
    throw badInput(path, `no passage ${JSON.stringify(id)}`, "one of the collection's ids");
  });
}

function throughLineIndex(path: string, format: "tsv" | "jsonl", ids: readonly string[], indexFolder: string) {
  const name = `${artefactKey({ file: Deno.realPathSync(path) })}.lines`;
  using index = openLineIndex(path, join(indexFolder, name), format === "tsv" ? tsvId : jsonlId);
  using handle = openFile(path);
  const found = new Map<string, Passage>();
  for (const id of ids) {
    for (const { line, from, until } of index.find(id)) {
      const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(readAt(handle, from, until - from));
      const passage = PARSERS[format](text.replace(/\r$/, ""), path, line);
      if (passage.id === id) found.set(id, passage);
    }
  }
  return found;
}

function streamed(passages: Iterable<Passage>, wanted: ReadonlySet<string>): Map<string, Passage> {
  const found = new Map<string, Passage>();
  for (const passage of passages) {
    if (wanted.has(passage.id)) found.set(passage.id, passage);
    if (found.size === wanted.size) break;
  }
  return found;
}

function tsvId(line: Uint8Array): Uint8Array | undefined {
  const tab = line.indexOf(0x09);
  return tab < 0 ? undefined : line.subarray(0, tab);
}

function jsonlId(line: Uint8Array): Uint8Array | undefined {
  try {
    const { id, _id } = JSON.parse(new TextDecoder().decode(line));
    const value = id ?? _id;
    return value === undefined ? undefined : new TextEncoder().encode(String(value));
  } catch {
    return undefined;
  }
}
