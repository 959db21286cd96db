import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import type { Qrels, Run } from "../../datasets/dataset.ts";
import { parseMeasure } from "../../eval/metrics/measure.ts";
import { recallCurve } from "../../eval/recall_curve.ts";

const qrels: Qrels = new Map([["1", new Map([["a", 2], ["b", 1]])], ["2", new Map([["c", 2]])]]);
const run: Run = new Map([["1", ["b", "x", "a"].map((id, i) => ({ id, score: -i }))]]);

Deno.test("recall curve: as R@depth has it, over all judged queries", () => {
  const curve = recallCurve(run, qrels, [parseMeasure("RR@10")], "run", 3)!;
  strictEqual(curve.level, 1);
  deepStrictEqual(curve.points.map(({ depth, mean }) => [depth, mean]), [[1, 0.25], [2, 0.25], [3, 0.5]]);
  for (const { low, mean, high } of curve.points) ok(low >= 0 && low <= mean && mean <= high && high <= 1);
});

Deno.test("recall curve: the strictest official level is its own; nothing without judgements", () => {
  const curve = recallCurve(run, qrels, ["nDCG@10", "RR(rel=2)@10"].map(parseMeasure), "run", 3)!;
  strictEqual(curve.level, 2);
  deepStrictEqual(curve.points.map(({ mean }) => mean), [0, 0, 0.5]);
  strictEqual(recallCurve(run, new Map(), [], "run", 3), null);
});
