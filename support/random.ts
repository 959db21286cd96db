import { createHash } from "node:crypto";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus, xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";

/** Uniform numbers in [0, 1), the same for the same seed. */
export function seededRandom(seed: number): () => number {
  return uniform(mixed(seed));
}

/**
 * {@link seededRandom} as it was before seeds were mixed: its first number is always nearly 1. Only for what was drawn with it and
 * has to be drawn again.
 */
export function unmixedRandom(seed: number): () => number {
  return uniform(xoroshiro128plus(seed));
}

/** Uniform 32-bit integers, the same for the same seed; cheaper than {@link seededRandom} where bits are wanted. */
export function seededBits(seed: number): () => number {
  const generator = mixed(seed);
  return () => generator.next();
}

/** A number from the standard normal distribution (Box and Muller, 1958), made of two uniform ones. */
export function normalNumber(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

function uniform(generator: RandomGenerator): () => number {
  return () => uniformFloat64(generator);
}

/**
 * A generator whose whole state depends on the seed. The library's own seeding fills a part of it only: the first output is the sum
 * of a number and its complement, whatever the seed.
 */
function mixed(seed: number): RandomGenerator {
  const hash = createHash("sha256").update(`latebench ${seed}`).digest();
  return xoroshiro128plusFromState([0, 4, 8, 12].map((byte) => hash.readInt32LE(byte)));
}
