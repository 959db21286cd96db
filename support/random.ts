import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** Uniform numbers in [0, 1), the same for the same seed. */
export function seededRandom(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => uniformFloat64(generator);
}

/** Uniform 32-bit integers, the same for the same seed; cheaper than {@link seededRandom} where bits are wanted. */
export function seededBits(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => generator.next();
}

/** A number from the standard normal distribution (Box and Muller, 1958), made of two uniform ones. */
export function normalNumber(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
