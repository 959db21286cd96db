import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { measureRun } from "../../eval/measure_run.ts";
import { atLevel, officialLevel } from "../../eval/metrics/level.ts";
import { formatMeasure, parseMeasure, parseMeasures } from "../../eval/metrics/measure.ts";
import type { LoadedTopics } from "../../eval/topics.ts";

Deno.test("the official level is the strictest one, and what has no level keeps its name", () => {
  strictEqual(officialLevel(parseMeasures("nDCG@10 RR(rel=2)@10")), 2);
  strictEqual(officialLevel(parseMeasures("nDCG@10 AP")), 1);
  const at = (name: string, level: number) => formatMeasure(atLevel(parseMeasure(name), level));
  deepStrictEqual([at("RR@10", 2), at("nDCG@10", 2), at("AP(rel=3)", 2), at("AP", 1)], [
    "RR(rel=2)@10",
    "nDCG@10",
    "AP(rel=3)",
    "AP",
  ]);
});

Deno.test("what every table shows has the level of the official measures, and no second one", () => {
  const qrels = new Map([["q", new Map([["a", 1], ["b", 2]])]]);
  const topics = { name: "t", qrels: () => qrels };
  const measures = parseMeasures("nDCG@10 RR(rel=2)@10");
  const loaded = { topics, qrels, measures, queries: [{ id: "q", text: "" }], others: [] } as unknown as LoadedTopics;
  const run = new Map([["q", [{ id: "a", score: 2 }, { id: "b", score: 1 }]]]);
  const { mean } = measureRun("d", loaded, run, 1000, "run", { search: null, withEncoding: null });
  deepStrictEqual(Object.keys(mean), [
    ...["nDCG@10", "RR(rel=2)@10", "R(rel=2)@50", "R(rel=2)@200", "R(rel=2)@1000", "AP(rel=2)"],
  ]);
  strictEqual(mean["RR(rel=2)@10"], 0.5);
});
