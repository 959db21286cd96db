import type { Metadata } from "../../../datasets/dataset.ts";
import type { PassageFilter } from "../../backend.ts";
import type { PassageNumbers } from "../../passage_numbers.ts";
import type { Allowed } from "./pipeline.ts";

/** What filters are applied to. */
export interface Filterable {
  readonly ids: readonly string[];
  readonly lengths: Int32Array;
  readonly numbersOf: PassageNumbers;
  /** Read when a filter first asks for it. */
  metadata(): readonly Metadata[];
}

/** Every passage, without a filter. */
export function allPassages(lengths: Int32Array): Allowed {
  return { bits: new Uint32Array(0), reachable: lengths.reduce((sum, n) => sum + (n > 0 ? 1 : 0), 0), all: true };
}

/**
 * The passages that a filter leaves; all for none.
 *
 * @throws {LatebenchError} for an id that the index does not have
 */
export function applyFilter({ ids, lengths, numbersOf, metadata }: Filterable, filter?: PassageFilter): Allowed {
  if (!filter) return allPassages(lengths);
  const bits = new Uint32Array(Math.ceil(ids.length / 32)).fill(filter.ids ? 0 : -1);
  if (ids.length % 32 > 0 && !filter.ids) bits[bits.length - 1] = 2 ** (ids.length % 32) - 1;
  if (filter.ids) { for (const number of numbersOf(filter.ids)) bits[number >> 5] |= 1 << (number & 31); }
  if (filter.where) {
    const all = metadata();
    for (let number = 0; number < ids.length; number++) {
      if (isSet(bits, number) && !filter.where(all[number], ids[number])) bits[number >> 5] &= ~(1 << (number & 31));
    }
  }
  let reachable = 0;
  for (let number = 0; number < ids.length; number++) if (isSet(bits, number) && lengths[number] > 0) reachable++;
  return { bits, reachable, all: false };
}

function isSet(bits: Uint32Array, number: number): boolean {
  return ((bits[number >> 5] >>> (number & 31)) & 1) === 1;
}
