import { sha256 } from "../../support/hash.ts";
import { seededRandom } from "../../support/random.ts";

/** Uniform numbers in [0, 1) for a name; those of neighbours have nothing in common, as those of small seeds have. */
export function spreadRandom(name: string): () => number {
  return seededRandom(parseInt(sha256(name).slice(0, 8), 16) | 0);
}
