import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { fuse } from "../../backends/fusion/fuse.ts";

const list = (ids: string, scores: readonly number[]) => ({ ids: [...ids], scores: Float32Array.from(scores) });

Deno.test("reciprocal rank fusion: the sums of the paper's formula", () => {
  const fused = fuse([
    { ranking: list("abc", [9, 8, 7]), weight: 0.5 },
    { ranking: list("cd", [0.2, 0.1]), weight: 0.5 },
  ], { method: "rrf", rankConstant: 60 });
  deepStrictEqual([...fused], [["a", 0.5 / 61], ["b", 0.5 / 62], ["c", 0.5 / 63 + 0.5 / 61], ["d", 0.5 / 62]]);
});

Deno.test("relative scores: stretched to 0 … 1 in each ranking, weighted", () => {
  const fused = fuse([
    { ranking: list("abc", [10, 6, 2]), weight: 0.25 },
    { ranking: list("cb", [5, 3]), weight: 0.75 },
  ], { method: "relative", rankConstant: 60 });
  deepStrictEqual([...fused], [["a", 0.25], ["b", 0.125], ["c", 0.75]]);
});

Deno.test("relative scores: equal ones count in full, and an empty ranking adds nothing", () => {
  const options = { method: "relative", rankConstant: 60 } as const;
  deepStrictEqual([
    ...fuse([{ ranking: list("ab", [3, 3]), weight: 1 }, { ranking: list("", []), weight: 1 }], options),
  ], [
    ["a", 1],
    ["b", 1],
  ]);
  strictEqual(fuse([], options).size, 0);
});
