import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { timesAgree } from "../../eval/comparison/agreement.ts";
import { checkFigure, figureOf } from "../../eval/gate.ts";
import { describeQuick } from "../../eval/latency/quick.ts";
import { fakeResults } from "../fixtures/fake_results.ts";

Deno.test("figures of a cell, and what is wrong with them", () => {
  const [cell, , supplied] = fakeResults().cells;
  deepStrictEqual(["nDCG@10", "ms", "disk_bytes", "flops", "integer_ops", "AP"].map((name) => figureOf(cell, name)), [
    0.7,
    4,
    1000,
    2e6,
    4e6,
    null,
  ]);
  strictEqual(figureOf(supplied, "ms"), null);
  strictEqual(checkFigure(0.5, { value: 0.5004, tolerance: 0.0005 }), null);
  match(checkFigure(0.5, { value: 0.501, tolerance: 0.0005 })!, /0\.5, expected 0\.501 ± 0\.0005/);
  strictEqual(checkFigure(5, { tolerance: 0, at_least: 5, at_most: 5 }), null);
  match(checkFigure(5, { tolerance: 0, at_least: 6 })!, /at least 6/);
  match(checkFigure(5, { tolerance: 0, at_most: 4 })!, /at most 4/);
  match(checkFigure(NaN, { tolerance: 0, at_most: 4 })!, /at most/);
});

Deno.test("times of one system in two runs agree within 5 %, or are marked", () => {
  const [cell] = fakeResults().cells;
  const times = (ms: number) => new Array(20).fill(ms);
  const run = (name: string, ms: number) => ({
    run: name,
    cell: { ...cell, latency: describeQuick(times(ms), times(2 * ms)) },
  });
  const found = timesAgree([run("a", 10), run("b", 10.4), run("c", 12)]);
  deepStrictEqual(found.map(({ runs, mode, agrees }) => [...runs, mode, agrees]), [
    ["a", "b", "search", true],
    ["a", "b", "with_encoding", true],
    ["a", "c", "search", false],
    ["a", "c", "with_encoding", false],
  ]);
  strictEqual(found[2].ratio, 1.2);
  deepStrictEqual(timesAgree([run("a", 10), { run: "b", cell: { ...cell, latency: null } }]), []);
});
