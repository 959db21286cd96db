import { seededBits } from "../../support/random.ts";

const SHINGLE = 3;
const BANDS = 16;
const ROWS = 4;
const SEED = 1;

/** Share of three-word sequences that two paragraphs must have in common to be one. */
export const NEAR = 0.8;

/**
 * Finds, for every text, the first text that says nearly the same: at least {@link NEAR} of their three-word sequences are common
 * (Jaccard). Candidates are found by MinHash with 16 bands of 4 (Broder 1997): a pair at 0.8 is missed with a chance of 0.0003.
 *
 * @returns for every text the place of the text that stands for it, itself where it is the first
 */
export function firstOfNearDuplicates(texts: readonly string[]): number[] {
  const sets = texts.map(shingles);
  const bits = seededBits(SEED);
  const seeds = Array.from({ length: BANDS * ROWS }, () => bits() | 1);
  const buckets = new Map<string, number[]>();
  const first = texts.map((_, i) => i);
  sets.forEach((set, i) => {
    const signature = seeds.map((seed) => minimum(set, seed));
    for (let band = 0; band < BANDS; band++) {
      const key = `${band}:${signature.slice(band * ROWS, (band + 1) * ROWS).join(",")}`;
      const members = buckets.get(key);
      if (!members) {
        buckets.set(key, [i]);
        continue;
      }
      const same = first[i] === i ? members.find((other) => jaccard(sets[other], set) >= NEAR) : undefined;
      if (same !== undefined) first[i] = first[same];
      if (first[i] === i) members.push(i);
    }
  });
  return first;
}

/** Hashes of a text's three-word sequences; case and punctuation do not count. */
function shingles(text: string): Set<number> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const set = new Set<number>();
  for (let i = 0; i + Math.min(SHINGLE, words.length) <= words.length && i < Math.max(1, words.length); i++) {
    set.add(hash(words.slice(i, i + SHINGLE).join(" ")));
  }
  return set;
}

function hash(text: string): number {
  let value = 0x811c9dc5 | 0;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value;
}

function minimum(set: ReadonlySet<number>, seed: number): number {
  let least = 0x7fffffff;
  for (const value of set) {
    const mixed = Math.imul(value ^ (value >>> 15), seed);
    least = Math.min(least, (mixed ^ (mixed >>> 13)) & 0x7fffffff);
  }
  return least;
}

function jaccard(a: ReadonlySet<number>, b: ReadonlySet<number>): number {
  let common = 0;
  for (const value of a) if (b.has(value)) common++;
  return common / (a.size + b.size - common);
}
