import { badInput, quote } from "../support/errors.ts";
import { type Dataset, passageText } from "./dataset.ts";
import { fingerprints } from "./fingerprints.ts";

/** What one pass over a collection tells. */
export interface CollectionCheck {
  readonly passages: number;
  /** Passages with neither text nor title: they keep their place, and nothing finds them. */
  readonly blank: number;
}

/**
 * Reads a collection once before anything is made of it: errors of its files show at once. Memory grows by eight bytes a passage.
 *
 * @param onId is told every id
 * @throws {LatebenchError} for errors of the files, for a passage id that occurs twice, and for a collection without passages
 */
export function checkCollection(dataset: Dataset, onId: (id: string) => void = () => {}): CollectionCheck {
  const prints = fingerprints();
  let blank = 0;
  for (const passage of dataset.passages()) {
    onId(passage.id);
    prints.add(passage.id);
    if (isBlank(passageText(passage))) blank++;
  }
  if (prints.size === 0) throw badInput(dataset.name, "a collection without passages", "at least one");
  const suspects = prints.repeated();
  if (suspects.size > 0) refuseRepeated(dataset, suspects, prints.of);
  return { passages: prints.size, blank };
}

/** Says on standard error, once, that a collection has passages without text. */
export function noteBlank(name: string, blank: number): void {
  if (blank > 0) {
    console.error(`${name}: ${blank} passages have neither text nor title; they are kept, and nothing finds them`);
  }
}

/** Whether there is nothing to encode and to index in a text. */
export function isBlank(text: string): boolean {
  return text.trim() === "";
}

/** Ids of equal fingerprints are compared themselves, in a second pass. */
function refuseRepeated(dataset: Dataset, suspects: ReadonlySet<number>, print: (id: string) => number): void {
  const seen = new Map<string, number>();
  let number = 0;
  for (const { id } of dataset.passages()) {
    number++;
    if (!suspects.has(print(id))) continue;
    const first = seen.get(id);
    if (first !== undefined) {
      throw badInput(dataset.name, `passage id ${quote(id)} twice (passages ${first} and ${number})`, "each id once");
    }
    seen.set(id, number);
  }
}
