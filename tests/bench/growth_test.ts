import { deepStrictEqual, ok } from "node:assert/strict";
import fc from "fast-check";
import { fitGrowth, type Powers } from "../../bench/growth.ts";

const SIZES = [1e4, 3e4, 1e5, 1e6];
const POWERS: Powers = [0.75, 1.25];
const near = (value: number, wanted: number) => ok(Math.abs(value / wanted - 1) < 1e-6, `${value} and not ${wanted}`);

Deno.test("growth by two powers is found again, and drawn on", () => {
  const factor = fc.double({ min: 0.1, max: 10, noNaN: true });
  fc.assert(fc.property(factor, factor, (a, b) => {
    const grows = (size: number) => a * 300 * size ** POWERS[0] + b * size ** POWERS[1];
    near(fitGrowth(SIZES.map((size) => [size, grows(size)]), POWERS)(1e9), grows(1e9));
  }));
});

Deno.test("neither part is ever below zero", () => {
  for (const power of [0.2, 0.5, 1.5, 2]) { // slower or faster than both: one part alone
    const at = fitGrowth(SIZES.map((size) => [size, size ** power]), POWERS);
    const alone = power < 1 ? POWERS[0] : POWERS[1];
    near(at(1e8) / at(1e4), 1e4 ** alone);
  }
});

Deno.test("one size is drawn on by the larger power", () => {
  deepStrictEqual([100, 200].map(fitGrowth([[100, 5]], [0, 1])), [5, 10]);
});
