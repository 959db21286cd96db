import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { approximate } from "../../../eval/comparison/approximation.ts";
import { compareSystems } from "../../../eval/comparison/compare.ts";
import { significantlyBetter } from "../../../eval/comparison/significantly_better.ts";
import { expectError } from "../../fixtures/expect.ts";
import { fakeResults } from "../../fixtures/fake_results.ts";

/** Systems whose RR@10 for queries q0, q1, … is given. */
function contenders(...systems: number[][]) {
  const [template] = fakeResults().cells;
  return systems.map((values, s) => {
    const queries = values.map((value, q) => ({ ...template.queries[0], id: `q${q}`, measures: { "RR@10": value } }));
    const mean = { "RR@10": values.reduce((a, b) => a + b, 0) / values.length };
    return { name: `s${s}`, cell: { ...template, system: `s${s}`, queries, mean } };
  });
}

Deno.test("differences are counted query by query, and Holm covers the family", () => {
  const all = contenders([0.5, 0.5, 0.5, 0.5], [1, 0.5, 0.25, 1], [0.5, 0.5, 0.5, 0.5]);
  const { differences, family, queries } = compareSystems(all, all[0], ["RR@10"], 0.01);
  deepStrictEqual([family, queries], [2, 4]);
  const [first, same] = differences;
  deepStrictEqual([first.wins, first.ties, first.losses], [2, 1, 1]);
  strictEqual(first.difference, 0.1875);
  deepStrictEqual(first.moved.map(({ query }) => query), ["q0", "q3", "q2"]);
  strictEqual(first.p, 0.5); // of 8 sign patterns, ±(0.5 + 0.5 + 0.25) and ±(0.5 + 0.5 − 0.25) are as far out
  strictEqual(first.p_holm, 1);
  deepStrictEqual([same.p, same.p_t, same.p_equivalence, same.effect_size], [1, null, null, 0]);
  ok(first.interval[0] <= first.difference && first.difference <= first.interval[1]);
});

Deno.test("systems with other queries or measures cannot be compared", async () => {
  const [a, b] = contenders([1, 1], [1]);
  await expectError(() => compareSystems([a, b], a, ["RR@10"], 0.01), 2, "1 queries", "2 queries of s0");
  await expectError(() => compareSystems([a, b], b, ["RR@10"], 0.01), 2, "query q1");
  const [c, d] = contenders([1], [1]);
  await expectError(() => compareSystems([c, d], c, ["AP"], 0.01), 2, "no AP");
});

Deno.test("approximation: means over the reference's queries; a missing ranking overlaps nothing", () => {
  const ranking = (ids: string) => [...ids].map((id, i) => ({ id, score: -i }));
  const reference = new Map([["1", ranking("abcd")], ["2", ranking("ef")]]);
  const { overlap, rbo, tau, queries } = approximate(new Map([["1", ranking("abdc")]]), "r", reference);
  strictEqual(queries, 2);
  strictEqual(overlap["10"], 0.5);
  strictEqual(tau, 1 - 2 / 6);
  ok(rbo > 0.4 && rbo < 0.5);
});

Deno.test("scores that differ by rounding alone are equal: no wins, no marks, no effect", () => {
  const scores = Array.from({ length: 60 }, (_, q) => 0.1 * (q % 7) + 0.05);
  const summed = scores.map((score) => (score + 0.3) - 0.3); // the same, but for the last bits
  ok(summed.some((score, q) => score !== scores[q]));
  const all = contenders(scores, summed);
  const [{ wins, losses, p, p_t, effect_size }] = compareSystems(all, all[0], ["RR@10"], 0.01).differences;
  deepStrictEqual([wins, losses, p, p_t, effect_size], [0, 0, 1, null, 0]);
});

Deno.test("the same gain in every query is told without a t-test, and marks nobody by a p of 0", () => {
  const scores = Array.from({ length: 60 }, (_, q) => 0.1 * (q % 7));
  const all = contenders(scores, scores.map((score) => score + 0.2));
  const [{ wins, p, p_t, p_equivalence, effect_size }] = compareSystems(all, all[0], ["RR@10"], 0.01).differences;
  deepStrictEqual([wins, p_t, p_equivalence, effect_size], [60, null, null, null]);
  ok(p > 0 && p < 0.001, "the randomisation test needs no deviation");
  const cells = all.map(({ cell }) => cell);
  deepStrictEqual(significantlyBetter(cells, ["RR@10"]).get("RR@10"), [[], []]);
});
