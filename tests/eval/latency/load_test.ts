import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { REAL_CLOCK } from "../../../eval/latency/clock.ts";
import {
  LEAST_REQUESTS,
  multiStream,
  offline,
  poissonArrivals,
  requestsAt,
  server,
  singleStream,
} from "../../../eval/latency/load.ts";
import { describeTimes } from "../../../eval/latency/percentiles.ts";
import { fakeEngine } from "../../fixtures/fake_engine.ts";
import { virtualClock } from "../../fixtures/virtual_clock.ts";

const QUERIES = Array.from({ length: 4000 }, (_, i) => i);
const of = (times: readonly number[], percent: number) =>
  describeTimes(times).percentiles.find((known) => known.percent === percent)!;

Deno.test("single stream: every percentile of a known distribution lies within its stated bound", async () => {
  let [checks, above] = [0, 0];
  for (let seed = 1; seed <= 50; seed++) {
    const clock = virtualClock();
    const engine = fakeEngine({ mean: 10 }, seed, clock);
    const { times, elapsed } = await clock.run(singleStream(engine, QUERIES, clock));
    ok(Math.abs(elapsed - times.reduce((sum, ms) => sum + ms, 0)) < 1e-6);
    for (const percent of [50, 90, 95, 99]) {
      const truth = -10 * Math.log(1 - percent / 100);
      const { ms, at_most_ms } = of(times, percent);
      ok(Math.abs(ms / truth - 1) < 0.12, `p${percent}: ${ms}, in truth ${truth}`);
      checks++;
      if (truth > at_most_ms) above++;
    }
  }
  // One in a hundred may be, by the bound's own confidence: 2 of 200 are expected, 8 are passed by one in 1,000.
  ok(above <= 8, `${above} of ${checks} percentiles are in truth above their bounds`);
});

Deno.test("the server scenario shows stalls that a closed loop hides", async () => {
  const service = { mean: 2, stall: 200, stallEvery: 500 };
  const closed = virtualClock();
  const loop = await closed.run(singleStream(fakeEngine(service, 1, closed), QUERIES, closed));
  ok(of(loop.times, 99).ms < 15, "one request in 500 stalls: p99 does not see it");

  const clock = virtualClock();
  const arrivals = poissonArrivals(250, QUERIES.length, 1); // half of what the engine could do
  const open = await clock.run(server(fakeEngine(service, 1, clock), QUERIES, arrivals, clock));
  strictEqual(open.times.length, QUERIES.length);
  ok(of(open.times, 99).ms > 150, "everyone who came during a stall waited for its end");
  ok(of(open.times, 90).ms > 15 && of(open.times, 50).ms < 15);
  ok(open.lateness < 1e-9 && open.dropped === 0);
});

Deno.test("response times of an M/M/1 queue are those of theory", async () => {
  const clock = virtualClock();
  const [rate, mean] = [70, 10]; // utilisation 0.7: response times are exponential with mean 1 / (1/10 − 0.07) ms
  const many = Array.from({ length: 20_000 }, (_, i) => i);
  const arrivals = poissonArrivals(rate, many.length, 3);
  const { times } = await clock.run(server(fakeEngine({ mean }, 5, clock), many, arrivals, clock));
  const expected = 1 / (1 / mean - rate / 1000);
  const { mean_ms } = describeTimes(times);
  ok(Math.abs(mean_ms / expected - 1) < 0.15, `${mean_ms}, by theory ${expected}`);
});

Deno.test("an engine that cannot keep up is told by what is dropped, and by its times", async () => {
  const clock = virtualClock();
  const many = Array.from({ length: 30_000 }, (_, i) => i);
  const arrivals = poissonArrivals(300, many.length, 3);
  const { times, dropped } = await clock.run(server(fakeEngine({ mean: 10 }, 5, clock), many, arrivals, clock));
  ok(dropped > 5000 && times.length + dropped === many.length);
  ok(Math.max(...times) > 50_000);
});

Deno.test("multi stream keeps its number of requests under way; offline asks all at once", async () => {
  const clock = virtualClock();
  let [running, most] = [0, 0];
  const send = async () => {
    most = Math.max(most, ++running);
    await clock.until(clock.now() + 10);
    running--;
  };
  const four = await clock.run(multiStream(send, QUERIES.slice(0, 100), 4, 60, clock));
  deepStrictEqual([most, four.times.length, four.elapsed], [4, 100, 250]);
  const cut = await clock.run(multiStream(send, QUERIES, 4, 0.1, clock));
  strictEqual(cut.times.length, 40, "until time is over");
  await clock.run(offline(send, QUERIES.slice(0, 64), clock));
  strictEqual(most, 64);
});

Deno.test("the real clock never ends early, and asks the time twice for each query", async () => {
  for (let i = 0; i < 20; i++) {
    const due = performance.now() + 3.3;
    await REAL_CLOCK.until(due);
    ok(performance.now() >= due);
  }
  let asked = 0;
  const counted = { ...REAL_CLOCK, now: () => (asked++, REAL_CLOCK.now()) };
  const { times, elapsed } = await singleStream(() => Promise.resolve(), QUERIES, counted);
  strictEqual(asked, 2 * QUERIES.length + 2);
  ok(times.every((ms) => ms >= 0) && elapsed >= times.reduce((sum, ms) => sum + ms, 0));
});

Deno.test("arrivals come at the rate that was asked for, the first of them too", () => {
  const seeds = Array.from({ length: 2000 }, (_, seed) => seed);
  const runs = seeds.map((seed) => poissonArrivals(20, 64, seed));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  ok(Math.abs(mean(runs.map(([first]) => first)) / 50 - 1) < 0.1, "the first gap is like all others: 50 ms");
  ok(Math.abs(mean(runs.map((run) => run[63])) / 3200 - 1) < 0.02, "64 gaps of 50 ms");
});

Deno.test("a load point asks for enough requests, where there is time for them, and tells the rate that came of it", async () => {
  strictEqual(requestsAt(100, 3, 60), 300);
  strictEqual(requestsAt(4, 3, 60), LEAST_REQUESTS);
  strictEqual(requestsAt(0.5, 3, 60), 30);
  strictEqual(requestsAt(0.001, 3, 60), 1);
  const clock = virtualClock();
  const { realised } = await clock.run(server(fakeEngine({ mean: 1 }, 1, clock), QUERIES, [100, 300, 400], clock));
  strictEqual(realised, 7.5);
});
