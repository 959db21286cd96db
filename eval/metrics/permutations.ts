import { permute, shuffler } from "d3-array";
import { seededRandom } from "../../support/random.ts";

/** Seed of the random orders; fixed, so that results repeat. */
const SEED = 12345;

/** Items in groups that keep their order; what stands inside a group is what changes. */
type Groups = readonly (readonly number[])[];

/** How many orders there are: the product of the factorials of the groups' sizes. */
export function countOrders(groups: Groups): number {
  return groups.reduce((product, group) => group.reduce((n, _, i) => n * (i + 1), product), 1);
}

/** All orders; for small groups only. */
export function* allOrders([first, ...rest]: Groups): Generator<number[][]> {
  if (first === undefined) {
    yield [];
    return;
  }
  for (const order of permutationsOf(first.length)) {
    for (const others of allOrders(rest)) yield [permute(first as number[], order), ...others];
  }
}

function* permutationsOf(size: number): Generator<number[]> {
  if (size === 0) {
    yield [];
    return;
  }
  for (const order of permutationsOf(size - 1)) {
    for (let at = 0; at < size; at++) yield [...order.slice(0, at), size - 1, ...order.slice(at)];
  }
}

/** `count` random orders. */
export function* randomOrders(groups: Groups, count: number): Generator<Groups> {
  const shuffle = shuffler(seededRandom(SEED));
  for (let i = 0; i < count; i++) yield groups.map((group) => group.length > 1 ? shuffle([...group]) : group);
}
