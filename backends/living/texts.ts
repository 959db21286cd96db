import { join } from "node:path";
import type { Metadata, Passage } from "../../datasets/dataset.ts";
import { removeIfThere } from "../../support/atomic_write.ts";
import { readMetadata, writeMetadata } from "../passage_metadata.ts";
import { listTextParts, openPassageTexts, writePassageTexts } from "../passage_texts.ts";
import { DELETED, keepLive, keptParts, markRemoved, nextPart, type Part, UPDATES, writeParts } from "./parts.ts";

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
  return listTextParts(folder).flatMap((part) => keepLive(part, part.ids()));
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
  const parts = markRemoved(listTextParts(folder), removed, []);
  writeParts(folder, parts);
  if (!added || count === 0) return;
  const kept = parts.slice(0, keptParts(parts, count));
  const merged = parts.slice(kept.length);
  const name = nextPart(parts);
  const known = knownOf(merged);
  const metadata: Pick<Passage, "metadata">[] = [...known];
  const all = function* () {
    yield* withTexts(folder, known);
    for (const passage of added) {
      metadata.push({ metadata: passage.metadata });
      yield passage;
    }
  };
  const own = join(folder, name);
  const passages = writePassageTexts(own, all());
  writeMetadata(own, metadata);
  writeParts(folder, [...kept, { name, folder: own, passages, deleted: null }]);
  for (const part of merged) removeIfThere(part.folder);
}

/** Writes a folder of texts anew, without what is gone. */
export function compactTexts(folder: string): void {
  const parts = listTextParts(folder);
  const known = knownOf(parts);
  writePassageTexts(folder, withTexts(folder, known));
  writeMetadata(folder, known);
  for (const part of parts.slice(1)) removeIfThere(part.folder);
  for (const name of [DELETED, UPDATES]) removeIfThere(join(folder, name));
}

/** The passages that are there, in passage order. Titles are part of the texts. */
export function livePassages(folder: string): Iterable<Passage> {
  return withTexts(folder, knownOf(listTextParts(folder)));
}

function knownOf(parts: readonly Part[]): Known[] {
  return parts.flatMap((part) => {
    const metadata = readMetadata(part.folder, part.passages);
    return keepLive(part, part.ids().map((id, i) => ({ id, metadata: metadata[i] })));
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
