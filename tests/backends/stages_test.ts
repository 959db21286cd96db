import { deepStrictEqual, ok } from "node:assert/strict";
import { traceStages } from "../../backends/stages.ts";
import { NO_MACS } from "../../encoders/flops/macs.ts";

Deno.test("stages follow one another and share the time of a group", async () => {
  const trace = traceStages(true, 2);
  await new Promise((resolve) => setTimeout(resolve, 20));
  trace.end("first", { float: 1, integer: 2 }, 3, 4);
  trace.end("second", NO_MACS, 0, 1);
  const [first, second] = trace.stages;
  ok(first.ms >= 9 && second.ms >= 0, "half of the 20 ms, and the rest");
  deepStrictEqual({ ...first, ms: 0 }, {
    name: "first",
    ms: 0,
    macs: { float: 1, integer: 2 },
    bytes: 3,
    candidates: 4,
  });
  const off = traceStages(false);
  off.end("first", NO_MACS, 0, 0);
  deepStrictEqual(off.stages, []);
});

Deno.test("tracing five stages costs a small part of what the smallest search computes", () => {
  const values = new Float32Array(100_000).fill(0.5);
  const searched = () => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[i] * values[values.length - 1 - i];
    return sum;
  };
  const traced = () => {
    const trace = traceStages();
    for (let stage = 0; stage < 5; stage++) trace.end("stage", NO_MACS, stage, stage);
    return trace.stages.length;
  };
  // The least of many, taken by turns: what else runs here disturbs both alike.
  const least = [searched, traced].map(() => Infinity);
  for (let round = 0; round < 2000; round++) {
    [searched, traced].forEach((act, which) => {
      const started = performance.now();
      ok(act() > 0);
      least[which] = Math.min(least[which], performance.now() - started);
    });
  }
  ok(least[1] < 0.25 * least[0], `${1000 * least[1]} µs beside ${1000 * least[0]} µs`);
});
