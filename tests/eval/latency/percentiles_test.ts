import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { boundRank, describeTimes, median } from "../../../eval/latency/percentiles.ts";
import { seededRandom } from "../../../support/random.ts";

Deno.test("only percentiles that the sample supports are given, at MLPerf's own numbers", () => {
  const least = { 50: 11, 90: 64, 95: 130, 99: 662, 99.9: 6636 };
  for (const [percent, n] of Object.entries(least)) {
    strictEqual(boundRank(n - 1, Number(percent)), null, `p${percent} of ${n - 1}`);
    strictEqual(boundRank(n, Number(percent)), n, `p${percent} of ${n}: the largest time`);
  }
  const { percentiles, n_too_small_for } = describeTimes(new Float64Array(43));
  deepStrictEqual([percentiles.map(({ percent }) => percent), n_too_small_for], [[50], [90, 95, 99, 99.9]]);
});

Deno.test("bounds lie where the rule puts them", () => {
  const share = (n: number, percent: number) => (100 * boundRank(n, percent)! / n).toFixed(1);
  strictEqual(share(43, 50), "72.1");
  deepStrictEqual([share(200, 50), share(200, 90), share(200, 95)], ["59.0", "95.5", "99.0"]);
  strictEqual(6980 - boundRank(6980, 99)!, 49, "times that are discarded");
});

Deno.test("a percentile is the smallest time that enough queries did not exceed", () => {
  const { mean_ms, percentiles } = describeTimes(Array.from({ length: 200 }, (_, i) => 200 - i));
  strictEqual(mean_ms, 100.5);
  deepStrictEqual(percentiles, [
    { percent: 50, ms: 100, at_most_ms: 118 },
    { percent: 90, ms: 180, at_most_ms: 191 },
    { percent: 95, ms: 190, at_most_ms: 198 },
  ]);
  strictEqual(median([3, 1, 2]), 2);
  strictEqual(median([4, 1, 2, 3]), 2.5);
});

Deno.test("times of the same queries count, but do not make more queries of them", () => {
  const { percentiles, n_too_small_for } = describeTimes(Array.from({ length: 430 }, (_, i) => i + 1), 43);
  deepStrictEqual(percentiles, [{ percent: 50, ms: 215, at_most_ms: 310 }]);
  strictEqual(n_too_small_for.length, 4);
});

Deno.test("bounds hold: of 300 samples with stalls, at most a few have a percentile above its bound", () => {
  const random = seededRandom(7);
  const truth = 200; // one time in fifty is a stall of 200 ms: p99 is one, p95 is not
  let [below, stalls] = [0, 0];
  for (let sample = 0; sample < 300; sample++) {
    const times = Array.from({ length: 700 }, () => random() < 0.02 ? truth : -5 * Math.log(1 - random()));
    const { percentiles } = describeTimes(times);
    const [p50, , p95, p99] = percentiles;
    if (p99.at_most_ms < truth || p50.at_most_ms < 5 * Math.log(2 * 0.98 / (2 * 0.98 - 1))) below++;
    if (p95.ms >= truth) stalls++;
  }
  ok(below <= 9, `${below} of 300 bounds did not hold`);
  strictEqual(stalls, 0);
});
