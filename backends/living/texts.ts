import { join } from "node:path";
import type { Metadata, Passage } from "../../datasets/dataset.ts";
import { removeIfThere } from "../../support/atomic_write.ts";
import { badInput, quote } from "../../support/errors.ts";
import { readMetadata, writeMetadata } from "../passage_metadata.ts";
import { listTextParts, openPassageTexts, type TextPart, writePassageTexts, writeTextParts } from "../passage_texts.ts";
import { keptParts } from "./merge_rule.ts";

/** A passage that is there, without its text. */
interface Known {
  readonly id: string;
  readonly metadata: Metadata;
}

/** Texts that are read together. */
const BATCH = 1024;

/** Writes passages with what a collection says of them. */
export function writeTexts(folder: string, passages: () => Iterable<Passage>): number {
  writeMetadata(folder, passages());
  return writePassageTexts(folder, passages());
}

/** The ids of the passages that are there, in passage order. */
export function liveIds(folder: string): string[] {
  return listTextParts(folder).flatMap(({ ids, gone }) => ids.filter((_, i) => !gone.has(i)));
}

/**
 * Changes a folder of texts in place: passages that go are marked, new ones are written as a part of their own, with which small last
 * parts are merged.
 *
 * @throws {LatebenchError} for an id to remove that is not there
 */
export function updateTexts(
  folder: string,
  added: Iterable<Passage> | null,
  count: number,
  removed: readonly string[],
): void {
  const going = new Set(removed);
  const parts = listTextParts(folder).map(({ name, ids, gone }): TextPart => {
    const now = new Set(gone);
    ids.forEach((id, i) => {
      if (!now.has(i) && going.delete(id)) now.add(i);
    });
    return { name, ids, gone: now };
  });
  for (const id of going) throw badInput(`passage ${quote(id)}`, "no such passage", "one of the index");
  writeTextParts(folder, parts);
  if (!added || count === 0) return;
  const kept = parts.slice(0, keptParts(parts.map(({ ids, gone }) => ids.length - gone.size), count));
  const merged = parts.slice(kept.length);
  const name = nextName(parts.at(-1)!.name);
  const known = knownOf(folder, merged);
  const metadata: Pick<Passage, "metadata">[] = [...known];
  const all = function* () {
    yield* withTexts(folder, known);
    for (const passage of added) {
      metadata.push({ metadata: passage.metadata });
      yield passage;
    }
  };
  writePassageTexts(join(folder, name), all());
  writeMetadata(join(folder, name), metadata);
  writeTextParts(folder, [...kept, { name, gone: new Set() }]);
  for (const part of merged) removeIfThere(join(folder, part.name));
}

/** Writes a folder of texts anew, without what is gone. */
export function compactTexts(folder: string): void {
  const parts = listTextParts(folder);
  const known = knownOf(folder, parts);
  writePassageTexts(folder, withTexts(folder, known));
  writeMetadata(folder, known);
  writeTextParts(folder, [{ name: "", gone: new Set() }]);
  for (const { name } of parts.slice(1)) removeIfThere(join(folder, name));
}

/** The passages that are there, in passage order. Titles are part of the texts. */
export function livePassages(folder: string): Iterable<Passage> {
  return withTexts(folder, knownOf(folder, listTextParts(folder)));
}

function knownOf(folder: string, parts: readonly TextPart[]): Known[] {
  return parts.flatMap(({ name, ids, gone }) => {
    const metadata = readMetadata(join(folder, name), ids.length);
    return ids.map((id, i) => ({ id, metadata: metadata[i] })).filter((_, i) => !gone.has(i));
  });
}

function* withTexts(folder: string, known: readonly Known[]): Generator<Passage> {
  const store = openPassageTexts(folder);
  for (let from = 0; from < known.length; from += BATCH) {
    const some = known.slice(from, from + BATCH);
    const { texts } = store.read(some.map(({ id }) => id));
    for (const [i, passage] of some.entries()) yield { ...passage, text: texts[i] };
  }
}

/** Name of the part after another one. */
function nextName(last: string): string {
  return `part-${String(last === "" ? 1 : Number(last.split("-")[1]) + 1).padStart(6, "0")}`;
}
