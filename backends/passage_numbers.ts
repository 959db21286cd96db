import { badInput, quote } from "../support/errors.ts";

/** Finds passage numbers by id; the table is made when it is first needed. */
export type PassageNumbers = (ids: Iterable<string>) => Int32Array<ArrayBuffer>;

/**
 * Makes a look-up from passage ids to their numbers. Repeated ids are found once.
 *
 * @param ids the id of every passage, in passage order
 * @throws {LatebenchError} (the look-up) for an id that is not there
 */
export function passageNumbers(ids: readonly string[]): PassageNumbers {
  let numbers: Map<string, number> | undefined;
  return (wanted) => {
    const table = numbers ??= new Map(ids.map((id, number) => [id, number]));
    return Int32Array.from(new Set(wanted), (id) => {
      const number = table.get(id);
      if (number === undefined) throw badInput(`passage ${quote(id)}`, "no such passage", "one of the collection");
      return number;
    });
  };
}
