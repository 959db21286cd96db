import type { Metadata, Passage } from "../../datasets/dataset.ts";
import { readMetadata, writeMetadata } from "../passage_metadata.ts";
import { listTextParts, openPassageTexts, writePassageTexts } from "../passage_texts.ts";
import { changeParts, dropLaterParts, keepLive, markRemoved, type Part } from "./parts.ts";

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

/** What changes in a folder of texts. */
export interface TextChange {
  /** Passages that come, and their ids. */
  readonly added: Iterable<Passage>;
  readonly ids: ReadonlySet<string>;
  /** Whether those that come take the place of those with the same id. */
  readonly replace: boolean;
  readonly removed: readonly string[];
}

/**
 * Changes a folder of texts in place.
 *
 * @returns the ids of all passages that go, those that are replaced included
 * @throws {LatebenchError} for an id to remove that is not there, and one to add that is and should not be
 */
export async function updateTexts(
  folder: string,
  { added, ids, replace, removed }: TextChange,
): Promise<readonly string[]> {
  const parts = listTextParts(folder);
  const replaced = replace ? parts.flatMap((part) => keepLive(part, part.ids()).filter((id) => ids.has(id))) : [];
  const going = [...new Set([...removed, ...replaced])];
  await changeParts(folder, parts, { removed: going, added: [...ids] }, (own, merged) => {
    const known = knownOf(merged);
    const metadata: Pick<Passage, "metadata">[] = [...known];
    const written: string[] = known.map(({ id }) => id);
    const all = function* () {
      yield* withTexts(folder, merged, known);
      for (const passage of added) {
        metadata.push({ metadata: passage.metadata });
        written.push(passage.id);
        yield passage;
      }
    };
    const passages = writePassageTexts(own, all());
    writeMetadata(own, metadata);
    return { passages, ids: () => written };
  });
  return going;
}

/**
 * Refuses a change early that {@link updateTexts} would refuse.
 *
 * @throws {LatebenchError} as it does
 */
export function checkChange(folder: string, { ids, removed }: Pick<TextChange, "ids" | "removed">): void {
  markRemoved(listTextParts(folder), removed, [...ids]);
}

/** Writes a folder of texts anew, without what is gone. */
export function compactTexts(folder: string): void {
  const parts = listTextParts(folder);
  const known = knownOf(parts);
  writePassageTexts(folder, withTexts(folder, parts, known));
  writeMetadata(folder, known);
  dropLaterParts(folder, parts);
}

/** The passages that are there, in passage order. Titles are part of the texts. */
export function livePassages(folder: string): Iterable<Passage> {
  const parts = listTextParts(folder);
  return withTexts(folder, parts, knownOf(parts));
}

function knownOf(parts: readonly Part[]): Known[] {
  return parts.flatMap((part) => {
    const metadata = readMetadata(part.folder, part.passages);
    return keepLive(part, part.ids().map((id, i) => ({ id, metadata: metadata[i] })));
  });
}

function* withTexts(folder: string, parts: readonly Part[], known: readonly Known[]): Generator<Passage> {
  const store = openPassageTexts(folder, parts);
  for (let from = 0; from < known.length; from += BATCH) {
    const some = known.slice(from, from + BATCH);
    const { texts } = store.read(some.map(({ id }) => id));
    for (const [i, passage] of some.entries()) yield { ...passage, text: texts[i] };
  }
}
