import { artefactKey } from "../support/hash.ts";
import type { Dataset, Passage } from "./dataset.ts";

/** UTF-8 sequences of two to four bytes that were read as Latin-1, one character a byte. */
const MISREAD = /[\u00c2-\u00df][\u0080-\u00bf]|[\u00e0-\u00ef][\u0080-\u00bf]{2}|[\u00f0-\u00f4][\u0080-\u00bf]{3}/g;

/**
 * Undoes UTF-8 that was read as Latin-1, as most passages of MS MARCO have it (`itâ\u0080\u0099s` for `it’s`), where it is unmistakable.
 * What is no such sequence stays.
 */
export function repairMojibake(text: string): string {
  return text.replace(MISREAD, (misread) => {
    const bytes = Uint8Array.from(misread, (character) => character.charCodeAt(0));
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
      return misread;
    }
  });
}

/**
 * A data set with repaired passages, under a name and a hash of its own. The benchmark's passages are the broken ones: published numbers
 * were measured on them.
 */
export function withRepairedText(dataset: Dataset): Dataset {
  return {
    ...dataset,
    name: `${dataset.name}-repaired`,
    passages: () => repaired(dataset.passages()),
    contentHash: () => artefactKey({ whole: dataset.contentHash(), mojibake: "repaired" }),
  };
}

function* repaired(passages: Iterable<Passage>): Generator<Passage> {
  for (const { text, title, ...rest } of passages) {
    yield { ...rest, text: repairMojibake(text), ...title === undefined ? {} : { title: repairMojibake(title) } };
  }
}
