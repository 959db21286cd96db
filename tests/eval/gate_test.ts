import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { checkExpectations, checkGlobs } from "../../commands/eval/config/check_expectations.ts";
import { planCells } from "../../commands/eval/config/plan.ts";
import { timesAgree } from "../../eval/comparison/agreement.ts";
import { checkFigure, figureOf } from "../../eval/gate.ts";
import { describeQuick } from "../../eval/latency/quick.ts";
import { expectError } from "../fixtures/expect.ts";
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

Deno.test("an expectation that means no cell is refused before anything runs, and one without a topic set is broken", async () => {
  const config = { datasets: ["d"], encoders: ["builtin"], backends: ["bm25", "exhaustive"], options: {}, expect: [] };
  const planned = planCells(config);
  const expectation = (cells: string, topics?: string) => ({
    cells,
    topics,
    figure: "nDCG@10",
    tolerance: 0,
    at_least: 0,
  });
  checkGlobs("cells.yaml", [expectation("*/exhaustive"), expectation("bm25")], planned);
  await expectError(
    () => checkGlobs("cells.yaml", [expectation("bm25"), expectation("exhaustve")], planned),
    2,
    "cells.yaml",
    "expect.1.cells",
    '"exhaustve"',
    "d/builtin/exhaustive",
  );
  const [cell] = fakeResults().cells;
  const run = [{ planned: planned[0], cells: [cell] }];
  deepStrictEqual(checkExpectations([expectation("bm25", cell.topics)], run), { checked: 1, broken: [] });
  const { checked, broken } = checkExpectations([expectation("bm25", "other-topics")], run);
  strictEqual(checked, 0);
  match(broken.join(), /bm25: nDCG@10 was expected, but none of its topic sets is other-topics/);
  deepStrictEqual(checkExpectations([expectation("exhaustive")], run).broken, [], "--only may leave cells out");
});
