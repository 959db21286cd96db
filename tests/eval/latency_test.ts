import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Index } from "../../backends/backend.ts";
import { describeTimes, median } from "../../eval/latency/distribution.ts";
import { searchAll } from "../../eval/latency/timed_searches.ts";

const QUIET = { update() {}, stop() {} };

Deno.test("only percentiles that the sample supports are given", () => {
  const percents = (n: number) =>
    describeTimes(Array.from({ length: n }, (_, i) => i)).percentiles.map((p) => p.percent);
  deepStrictEqual(percents(10), []);
  deepStrictEqual(percents(43), [50]);
  deepStrictEqual(percents(64), [50, 90]);
  deepStrictEqual(percents(661), [50, 90, 95]);
  deepStrictEqual(percents(662), [50, 90, 95, 99]);
  deepStrictEqual(percents(6636), [50, 90, 95, 99, 99.9]);
});

Deno.test("a percentile is the smallest time that enough queries did not exceed", () => {
  const { mean_ms, percentiles } = describeTimes(Array.from({ length: 200 }, (_, i) => 200 - i));
  strictEqual(mean_ms, 100.5);
  deepStrictEqual(percentiles, [{ percent: 50, ms: 100 }, { percent: 90, ms: 180 }, { percent: 95, ms: 190 }]);
  strictEqual(median([3, 1, 2]), 2);
  strictEqual(median([4, 1, 2, 3]), 2.5);
});

/** An index that sleeps for a fixed time and counts its searches. */
function sleepingIndex(ms: number): Index & { searches: number } {
  return {
    passages: 1,
    settings: {},
    searches: 0,
    async search() {
      this.searches++;
      await new Promise((resolve) => setTimeout(resolve, ms));
      return {
        ids: ["a"],
        scores: Float32Array.of(1),
        stages: [{ name: "sleep", ms, macs: { float: 3, integer: 2 }, bytes: 5, candidates: 1 }],
      };
    },
    rerank: () => Promise.reject(new Error("not used")),
    footprint: () => ({ files: [], memoryBytes: 0 }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

Deno.test("searchAll() warms up, times every query, and means the stages", async () => {
  const queries = Array.from({ length: 15 }, (_, i) => ({ id: String(i), text: "" }));
  const index = sleepingIndex(4);
  const quick = await searchAll(index, queries, 1, "quick", QUIET);
  strictEqual(index.searches, 25);
  deepStrictEqual([quick.passes, quick.warmupQueries, quick.results.length], [1, 10, 15]);
  ok(quick.times!.every((ms) => ms >= 3.5 && ms < 100));
  deepStrictEqual(quick.stages, [{ name: "sleep", ms: 4, macs: { float: 3, integer: 2 }, bytes: 5, candidates: 1 }]);
  const full = await searchAll(sleepingIndex(1), queries, 1, "full", QUIET);
  deepStrictEqual([full.passes, full.results.length], [3, 15]);
  const off = await searchAll(sleepingIndex(1), queries, 1, "off", QUIET);
  deepStrictEqual([off.times, off.warmupQueries], [null, 0]);
});
