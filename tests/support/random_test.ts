import { ok, strictEqual } from "node:assert/strict";
import { seededBits, seededRandom } from "../../support/random.ts";

const SEEDS = 4000;

/** Values that come at a place of the sequence, over many neighbouring seeds. */
function valuesAt(place: number, draw: (seed: number) => () => number): number[] {
  return Array.from({ length: SEEDS }, (_, seed) => {
    const next = draw(seed);
    for (let i = 0; i < place; i++) next();
    return next();
  });
}

Deno.test("seeded numbers are uniform at every place of the sequence, over seeds", () => {
  for (const place of [0, 1, 2, 10]) {
    const values = valuesAt(place, seededRandom);
    const counts = new Array<number>(10).fill(0);
    for (const value of values) counts[Math.floor(10 * value)]++;
    // Chi-squared with 9 degrees of freedom: 33.7 is passed by one in 10,000.
    const chi = counts.reduce((sum, n) => sum + (n - SEEDS / 10) ** 2 / (SEEDS / 10), 0);
    ok(chi < 33.7, `place ${place}: counts ${counts.join(", ")}`);
  }
});

Deno.test("seeded bits are set half of the time, each of them, from the first number on", () => {
  const words = valuesAt(0, seededBits);
  for (let bit = 0; bit < 32; bit++) {
    const set = words.filter((word) => (word >>> bit) & 1).length;
    ok(Math.abs(set - SEEDS / 2) < 4 * Math.sqrt(SEEDS / 4), `bit ${bit}: ${set} of ${SEEDS}`);
  }
});

Deno.test("a seed gives the same numbers, another seed others", () => {
  strictEqual(seededRandom(7)(), seededRandom(7)());
  strictEqual(new Set(valuesAt(0, seededRandom)).size, SEEDS);
});
