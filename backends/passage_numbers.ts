import { badInput, quote } from "../support/errors.ts";

/** Finds passage numbers by id; the table is made when it is first needed. */
export type PassageNumbers = (ids: Iterable<string>, unknown?: "refuse" | "skip") => Int32Array<ArrayBuffer>;

/**
 * Makes a look-up from passage ids to their numbers. Repeated ids are found once; unknown ones are refused unless told otherwise.
 *
 * @param ids the id of every passage, in passage order; null for numbers that no passage has
 * @throws {LatebenchError} (the look-up) for an id that is not there
 */
export function passageNumbers(ids: readonly (string | null)[]): PassageNumbers {
  let numbers: Map<string, number> | undefined;
  return (wanted, unknown = "refuse") => {
    const table = numbers ??= numberIds(ids);
    const found: number[] = [];
    for (const id of new Set(wanted)) {
      const number = table.get(id);
      if (number !== undefined) found.push(number);
      else if (unknown === "refuse") {
        throw badInput(`passage ${quote(id)}`, "no such passage", "one of the collection");
      }
    }
    return Int32Array.from(found);
  };
}

function numberIds(ids: readonly (string | null)[]): Map<string, number> {
  const numbers = new Map<string, number>();
  ids.forEach((id, number) => {
    if (id !== null) numbers.set(id, number);
  });
  return numbers;
}
