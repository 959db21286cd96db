import { ok, strictEqual } from "node:assert/strict";
import { differs, medianEstimate, ratioEstimate } from "../../../eval/latency/intervals.ts";
import { type TimedEngine, timeRounds } from "../../../eval/latency/rounds.ts";
import { seededRandom } from "../../../support/random.ts";
import { virtualClock } from "../../fixtures/virtual_clock.ts";

/** Engines whose machine drifts, is disturbed for a while now and then, and whose queries differ tenfold. */
async function timeNoisy(factors: readonly number[], seed: number, maxSeconds = 10, precision = 0.02) {
  const clock = virtualClock();
  const random = seededRandom(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const cost = Array.from({ length: 43 }, () => 1 + 9 * random());
  let disturbance = 1;
  const engines = factors.map((factor): TimedEngine => ({
    modes: ["search"],
    async time(queries) {
      disturbance = 1 + 0.05 * Math.abs(normal()); // for the whole block
      const drift = 1 + clock.now() / 1e5;
      const times = queries.map((query) => factor * cost[query] * drift * disturbance * Math.exp(0.1 * normal()));
      await clock.until(clock.now() + times.reduce((sum, ms) => sum + ms, 0));
      return times;
    },
  }));
  const options = { precision, maxSeconds, seed };
  const { engines: timed, ...rest } = await clock.run(timeRounds(engines, cost.length, options, clock));
  return { rounds: timed.map(({ times }) => times.search), ...rest };
}

Deno.test("two names of one engine: a difference is claimed in at most 5 % of 50 repetitions", async () => {
  let claims = 0;
  for (let seed = 1; seed <= 50; seed++) {
    const { rounds: [a, b] } = await timeNoisy([1, 1], seed);
    if (differs(ratioEstimate(a, b)!)) claims++;
  }
  ok(claims <= 2, `${claims} of 50`);
});

Deno.test("a real difference of 10 % is seen, with its size", async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const { rounds: [a, b] } = await timeNoisy([1.1, 1], seed);
    const ratio = ratioEstimate(a, b)!;
    ok(differs(ratio) && ratio.low < 1.1 && ratio.high > 1.1, JSON.stringify(ratio));
  }
});

Deno.test("rounds go on until medians are known well enough, or time is over, and say which", async () => {
  const { rounds: [a], stopped } = await timeNoisy([1], 3, 100, 0.05);
  strictEqual(stopped, "precision");
  const { value, low, high } = medianEstimate(a)!;
  ok(low <= value && value <= high && (high - low) / 2 <= 0.05 * value, `${low} ${value} ${high}`);
  const short = await timeNoisy([1, 1], 3, 0.001);
  strictEqual(short.stopped, "max-time");
  strictEqual(short.queries.length, 1);
  strictEqual(ratioEstimate(short.rounds[0], short.rounds[1]), null, "one round tells nothing about differences");
});
