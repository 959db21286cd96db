import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { expandAndScore, type ScoreNumbers } from "../../backends/rerank/expand.ts";
import type { NeighbourGraph } from "../../backends/rerank/neighbours.ts";
import { topK } from "../../kernels/top_k.ts";

/** Passages on a line, each next to its two neighbours; the best one is number 7. */
const graph: NeighbourGraph = {
  of: (number) => Int32Array.from([number - 1, number + 1].filter((other) => other >= 0 && other < 20)),
  memoryBytes: 0,
};

function scorer() {
  const rounds: number[][] = [];
  const score: ScoreNumbers = (_, numbers) => {
    rounds.push([...numbers].sort((a, b) => a - b));
    const best = topK(Float32Array.from(numbers, (n) => 7 - Math.abs(n - 7)), numbers.length, Int32Array.from(numbers));
    const stage = {
      name: "maxsim",
      ms: 1,
      macs: { float: numbers.length, integer: 0 },
      bytes: 2,
      candidates: numbers.length,
    };
    return Promise.resolve({ ...best, stages: [stage] });
  };
  return { rounds, score };
}

const query = { data: new Float32Array(1), rows: 1, dim: 1 };

Deno.test("LADR, proactive: the seeds and all their neighbours, in one round", async () => {
  const { rounds, score } = scorer();
  const { numbers } = await expandAndScore(query, [4, 5, 15], graph, 0, score);
  deepStrictEqual(rounds, [[3, 4, 5, 6, 14, 15, 16]]);
  strictEqual(numbers[0], 6);
});

Deno.test("LADR, adaptive: goes on from the best ones until nothing new comes", async () => {
  const { rounds, score } = scorer();
  const { numbers, scores, stages } = await expandAndScore(query, [3, 15], graph, 1, score);
  deepStrictEqual(rounds, [[3, 15], [2, 4], [5], [6], [7], [8]]);
  deepStrictEqual([...numbers.subarray(0, 3)], [7, 6, 8]);
  deepStrictEqual([...scores.subarray(0, 2)], [7, 6]);
  deepStrictEqual(stages, [{ name: "maxsim", ms: 6, macs: { float: 8, integer: 0 }, bytes: 12, candidates: 8 }]);
});

Deno.test("LADR without seeds finds nothing", async () => {
  const { numbers } = await expandAndScore(query, [], graph, 4, scorer().score);
  strictEqual(numbers.length, 0);
});
