import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { bootstrapInterval } from "../../../eval/significance/bootstrap.ts";
import { holm } from "../../../eval/significance/holm.ts";
import { FLIPS, randomisationTest } from "../../../eval/significance/randomisation.ts";
import {
  describe,
  effectSize,
  equivalenceTest,
  pairedTTest,
  scoreDifference,
} from "../../../eval/significance/t_test.ts";

const A = [0.5, 1, 0.25, 0, 0.2, 1, 0.3333, 0.5, 0.1, 0.7];
const B = [0.4, 1, 0.5, 0, 0.1, 0.5, 0.25, 0.25, 0.1, 0.2];
const DIFFERENCES = A.map((a, i) => a - B[i]);

/** ttest_rel, permutation_test over all sign patterns, and one-sided t probabilities with a margin of 0.3. */
const SCIPY = {
  t: 1.7441032351787975,
  p: 0.11510638476082619,
  tost: 0.022259284594717148,
  d: 0.5515338697633307,
  permutation: 0.140625,
};

/** t, and 2 * scipy.stats.t.sf(t, 42) of scipy 1.17.1. */
const SF = [
  [0.5, 0.6196847767582876],
  [2, 0.05199444858448413],
  [8, 5.595552168815844e-10],
  [8.4, 1.558171491401762e-10],
  [12, 3.706245241150908e-15],
  [30, 5.374541829805925e-30],
  [100, 1.37597257283248e-51],
] as const;

function near(found: number, expected: number, tolerance = 1e-9): void {
  ok(Math.abs(found - expected) < tolerance, `${found}, expected ${expected}`);
}

Deno.test("t-test, equivalence, effect size and exact randomisation as scipy 1.17.1 has them", () => {
  const sample = describe(DIFFERENCES);
  near(pairedTTest(sample).t, SCIPY.t);
  near(pairedTTest(sample).p, SCIPY.p);
  near(equivalenceTest(sample, 0.3).p, SCIPY.tost);
  near(effectSize(sample)!, SCIPY.d);
  deepStrictEqual(randomisationTest(DIFFERENCES), { p: SCIPY.permutation, patterns: 128, exact: true });
});

Deno.test("random sign patterns come near the exact test, never reach 0, and repeat", () => {
  const many = Array.from({ length: 40 }, (_, i) => ((i * 7919) % 13) / 13 - 0.35);
  const first = randomisationTest(many);
  deepStrictEqual(randomisationTest(many), first);
  strictEqual(first.exact, false);
  near(first.p, pairedTTest(describe(many)).p, 0.02);
  strictEqual(randomisationTest(Array(60).fill(1)).p, 1 / (FLIPS + 1));
  strictEqual(randomisationTest([0, 0, 0]).p, 1);
});

Deno.test("under the null, p is at most alpha about alpha of the time", () => {
  // Differences symmetric round 0: the share of p ≤ 0.1 over many samples must not exceed 0.1 by more than chance.
  let state = 1;
  const uniform = () => (state = (state * 48271) % 2147483647) / 2147483647 - 0.5;
  const ps = Array.from({ length: 300 }, () => randomisationTest(Array.from({ length: 12 }, uniform)).p);
  const share = ps.filter((p) => p <= 0.1).length / ps.length;
  ok(share < 0.1 + 3 * Math.sqrt(0.1 * 0.9 / 300), String(share));
});

Deno.test("the bootstrap interval holds the mean and is as wide as the normal one", () => {
  const values = Array.from({ length: 200 }, (_, i) => Math.sin(i * 12.9898) / 2);
  const { mean, deviation } = describe(values);
  const [low, high] = bootstrapInterval(values);
  near(low, mean - 1.96 * deviation / Math.sqrt(200), 0.005);
  near(high, mean + 1.96 * deviation / Math.sqrt(200), 0.005);
  deepStrictEqual(bootstrapInterval(values), [low, high]);
  deepStrictEqual(bootstrapInterval([0.25, 0.25]), [0.25, 0.25]);
});

Deno.test("Holm: the textbook example, and never below the raw value", () => {
  deepStrictEqual(holm([0.01, 0.04, 0.03, 0.005]).map((p) => Number(p.toFixed(10))), [0.03, 0.06, 0.06, 0.02]);
  fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true })), (ps) => {
    const adjusted = holm(ps);
    ok(adjusted.every((p, i) => p >= ps[i] && p <= 1));
    const order = ps.map((_, i) => i).sort((a, b) => ps[a] - ps[b]);
    ok(order.every((index, rank) => rank === 0 || adjusted[index] >= adjusted[order[rank - 1]]));
  }));
});

Deno.test("tails keep their digits where 1 − cdf is 0, as scipy's sf has them", () => {
  const tail = (t: number) => pairedTTest({ n: 43, mean: t / Math.sqrt(43), deviation: 1 }).p;
  for (const [t, p] of SF) ok(Math.abs(tail(t) / p - 1) < 1e-6, `t ${t}: ${tail(t)}, expected ${p}`);
  const { p } = equivalenceTest({ n: 43, mean: 0, deviation: 0.001 }, 0.01);
  ok(p > 0 && p < 1e-40, `${p}`);
  ok(Math.abs(equivalenceTest({ n: 43, mean: 1, deviation: 0.001 }, 0.01).p - 1) < 1e-12);
});

Deno.test("differences that are equal up to rounding have no deviation, no t-test and no effect size", () => {
  const same = describe(Array.from({ length: 50 }, (_, i) => 0.1 + (i % 3) * 1e-17 + (i % 2) * 1.4e-17));
  strictEqual(same.deviation, 0);
  strictEqual(effectSize(same), null);
  strictEqual(effectSize(describe([0, 0, 0])), 0);
  strictEqual(effectSize(describe([0.5])), null);
  strictEqual(scoreDifference(0.1 + 0.2, 0.3), 0);
  near(scoreDifference(0.3, 0.3 - 1e-9), 1e-9, 1e-15);
});
