import { ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { kendallTau, overlap, rankBiasedOverlap } from "../../../eval/similarity/rankings.ts";

const ranking = fc.shuffledSubarray([..."abcdefghij"]);

Deno.test("overlap@k", () => {
  strictEqual(overlap(["a", "b", "x"], ["b", "a", "c"], 2), 1);
  strictEqual(overlap(["a", "b", "x"], ["b", "a", "c"], 3), 2 / 3);
  strictEqual(overlap(["a"], [], 3), 1);
});

Deno.test("RBO: 1 for equal rankings, 0 for disjoint ones, symmetric, within [0, 1]", () => {
  fc.assert(fc.property(ranking, ranking, fc.constantFrom(0.5, 0.9, 0.98), (a, b, p) => {
    if (a.length > 0) ok(Math.abs(rankBiasedOverlap(a, a, p) - 1) < 1e-12);
    const value = rankBiasedOverlap(a, b, p);
    ok(value >= -1e-12 && value <= 1 + 1e-12);
    ok(Math.abs(value - rankBiasedOverlap(b, a, p)) < 1e-12);
    strictEqual(rankBiasedOverlap(a, a.map((id) => `${id}'`), p), a.length === 0 ? 1 : 0);
  }));
});

Deno.test("RBO of two even rankings, from the definition", () => {
  // Agreement 0, 1, 2/3 at depths 1 to 3: (1 − p)/p Σ A_d p^d + A_3 p^3.
  const p = 0.9;
  const expected = (1 - p) / p * (0 + p ** 2 + 2 / 3 * p ** 3) + 2 / 3 * p ** 3;
  ok(Math.abs(rankBiasedOverlap(["a", "b", "c"], ["b", "a", "x"], p) - expected) < 1e-12);
});

Deno.test("Kendall's τ: pairs in the right order less those in the wrong one, of all", () => {
  fc.assert(fc.property(ranking, ranking, (a, b) => {
    const common = a.filter((id) => b.includes(id));
    let sum = 0;
    let pairs = 0;
    common.forEach((x, i) =>
      common.slice(i + 1).forEach((y) => {
        pairs++;
        sum += b.indexOf(x) < b.indexOf(y) ? 1 : -1;
      })
    );
    const tau = kendallTau(a, b);
    if (pairs === 0) strictEqual(tau, null);
    else ok(Math.abs(tau! - sum / pairs) < 1e-12);
  }));
});
