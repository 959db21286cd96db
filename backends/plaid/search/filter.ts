import type { Metadata } from "../../../datasets/dataset.ts";
import type { PassageFilter } from "../../backend.ts";
import { hasBit } from "../../passage_bits.ts";
import type { PassageNumbers } from "../../passage_numbers.ts";
import type { PlaidSetup } from "../index/open_index.ts";
import type { Allowed } from "./pipeline.ts";

/** What filters are applied to. */
export interface Filterable extends Pick<PlaidSetup, "lengths" | "live"> {
  /** By number; null where no passage has it. */
  readonly ids: readonly (string | null)[];
  readonly numbersOf: PassageNumbers;
  /** By number. Read when a filter first asks for it. */
  metadata(): readonly Metadata[];
}

/** Every passage, without a filter. */
export function allPassages({ lengths, live }: Pick<PlaidSetup, "lengths" | "live">): Allowed {
  const reachable = lengths.reduce((sum, n) => sum + (n > 0 ? 1 : 0), 0);
  return { bits: live ?? new Uint32Array(0), reachable, all: live === null };
}

/**
 * The passages that a filter leaves; all for none.
 *
 * @throws {LatebenchError} for an id that the index does not have
 */
export function applyFilter({ ids, lengths, live, numbersOf, metadata }: Filterable, filter?: PassageFilter): Allowed {
  if (!filter) return allPassages({ lengths, live });
  const bits = new Uint32Array(Math.ceil(ids.length / 32));
  const set = (number: number) => bits[number >> 5] |= 1 << (number & 31);
  if (filter.ids) { for (const number of numbersOf(filter.ids)) set(number); }
  else ids.forEach((id, number) => id !== null && set(number));
  if (filter.where) {
    const all = metadata();
    ids.forEach((id, number) => {
      if (id === null || !hasBit(bits, number) || filter.where!(all[number], id)) return;
      bits[number >> 5] &= ~(1 << (number & 31));
    });
  }
  let reachable = 0;
  for (let number = 0; number < ids.length; number++) if (hasBit(bits, number) && lengths[number] > 0) reachable++;
  return { bits, reachable, all: false };
}
