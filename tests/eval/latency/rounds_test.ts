import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { type TimedEngine, timeRounds } from "../../../eval/latency/rounds.ts";
import { warmUp } from "../../../eval/latency/warm_up.ts";
import { virtualClock } from "../../fixtures/virtual_clock.ts";

Deno.test("rounds: halves in ABC and CBA order, every query once before any comes up again", async () => {
  const clock = virtualClock();
  const log: string[] = [];
  const seen: number[][] = [[], [], []];
  const engines = ["A", "B", "C"].map((name, e): TimedEngine => ({
    modes: e === 0 ? ["search"] : ["search", "with_encoding"],
    time(queries, mode) {
      log.push(name + (mode === "search" ? "" : "+"));
      if (mode === "search") seen[e].push(...queries);
      return Promise.resolve(queries.map(() => 1 + e));
    },
  }));
  const { queries, engines: timed, stopped } = await timeRounds(
    engines,
    150,
    { precision: 0.05, maxSeconds: 60, seed: 1 },
    clock,
  );
  deepStrictEqual(log.slice(0, 10), ["A", "B", "B+", "C", "C+", "C", "C+", "B", "B+", "A"]);
  strictEqual(stopped, "precision");
  deepStrictEqual(queries.slice(0, 2).map((round) => round.length), [100, 50]);
  for (const own of seen) {
    deepStrictEqual(own, queries.flat(), "all are asked the same in the same order");
    deepStrictEqual([...own.slice(0, 150)].sort((a, b) => a - b), Array.from({ length: 150 }, (_, i) => i));
  }
  ok(queries[0].join() !== queries[2].join(), "in another order the second time");
  deepStrictEqual(timed[2].times.search.length, timed[2].times.with_encoding.length);
  strictEqual(timed[0].times.with_encoding.length, 0);
});

Deno.test("warming up ends when times are steady, and says where they are not", async () => {
  const clock = virtualClock();
  let asked = 0;
  const cooling = () => clock.until(clock.now() + 5 + 50 * Math.exp(-asked++ / 30));
  const steady = await clock.run(warmUp(cooling, [0, 1, 2], 60, clock));
  ok(steady.settled && steady.searches > 150 && steady.searches < 400, `${steady.searches}`);
  const slower = () => clock.until(clock.now() + 1 + asked++ / 10);
  const { settled } = await clock.run(warmUp(slower, [0], 60, clock));
  strictEqual(settled, false);
});
