import { badInput } from "../../../support/errors.ts";

/**
 * Ascending numbers in few bits: Rice's code (R. Rice and J. Plaunt, 1971) of the distances between neighbours, which are about
 * geometrically distributed in a centroid's list of passages. `Loops.mark_lists` says what a list looks like and reads it.
 */
export function encodeList(numbers: Int32Array): Uint8Array<ArrayBuffer> {
  const distances = numbers.map((number, i) => number - (i === 0 ? -1 : numbers[i - 1]) - 1);
  const r = bestParameter(distances);
  const bits = distances.reduce((sum, distance) => sum + (distance >>> r) + 1 + r, 0);
  const head = [r];
  for (let left = numbers.length;; left >>>= 7) {
    head.push(left < 128 ? left : (left & 127) | 128);
    if (left < 128) break;
  }
  const out = new Uint8Array(head.length + Math.ceil(bits / 8));
  out.set(head);
  let bit = 8 * head.length;
  for (const distance of distances) {
    bit += distance >>> r;
    out[bit >> 3] |= 1 << (bit & 7);
    bit++;
    for (let j = 0; j < r; j++, bit++) out[bit >> 3] |= ((distance >>> j) & 1) << (bit & 7);
  }
  return out;
}

/**
 * Reads a list again, slowly: for checks.
 *
 * @param limit what numbers are below
 * @throws {LatebenchError} for a list that is cut off, and for a number that is too large
 */
export function decodeList(list: Uint8Array, limit: number): Int32Array<ArrayBuffer> {
  const cutOff = () => badInput("list", "one that is cut off", "a whole one");
  const r = list[0];
  let [at, count] = [1, 0];
  for (let shift = 0;; shift += 7) {
    if (at >= list.length || shift > 28) throw cutOff();
    count += (list[at] & 127) * 2 ** shift;
    if (list[at++] < 128) break;
  }
  // Each number takes r + 1 bits at least, and they ascend: nothing is allocated for a count that cannot be.
  if (r > 31 || count > limit || count * (r + 1) > 8 * (list.length - at)) {
    throw badInput("list", `${count} numbers of ${r + 1} bits or more in ${list.length} bytes`, `less than ${limit}`);
  }
  let bit = 8 * at;
  const next = () => {
    if (bit >= 8 * list.length) throw cutOff();
    return (list[bit >>> 3] >> (bit++ & 7)) & 1;
  };
  let number = -1;
  return Int32Array.from({ length: count }, () => {
    let distance = 0;
    while (next() === 0) distance += 2 ** r;
    for (let j = 0; j < r; j++) distance += next() * 2 ** j;
    number += distance + 1;
    if (number < limit) return number;
    throw badInput("list", `the number ${number}`, `one below ${limit}`);
  });
}

/** Bytes that must follow the last list: readers take eight at a time. */
export const LIST_PADDING = 8;

/** The number of low bits that makes a list shortest. */
function bestParameter(distances: Int32Array): number {
  let best = 0;
  let least = Infinity;
  for (let r = 0; r < 31; r++) {
    const bits = distances.reduce((sum, distance) => sum + (distance >>> r) + 1 + r, 0);
    if (bits < least) [best, least] = [r, bits];
  }
  return best;
}
