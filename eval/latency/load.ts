import { seededRandom } from "../../support/random.ts";
import type { Clock } from "./clock.ts";

/** Answers one query, by number. */
export type Send = (query: number) => Promise<unknown>;

/** What came of a scenario. */
export interface LoadTimes {
  /** Response time of every request, ms, in the order of the requests. */
  readonly times: number[];
  /** From the first request to the last answer, ms. */
  readonly elapsed: number;
}

/** Single stream: one query after the other, each when the one before is answered. */
export async function singleStream(send: Send, queries: ArrayLike<number>, clock: Clock): Promise<LoadTimes> {
  const times = new Array<number>(queries.length);
  const began = clock.now();
  for (let i = 0; i < queries.length; i++) {
    const started = clock.now();
    await send(queries[i]);
    times[i] = clock.now() - started;
  }
  return { times, elapsed: clock.now() - began };
}

/**
 * Multi stream: `concurrency` clients, each asking the next query when its own is answered (a closed loop: a stalled engine is
 * asked less, and its stalls hide). Ends when all queries are asked, or `seconds` are over.
 */
export async function multiStream(
  send: Send,
  queries: Iterable<number>,
  concurrency: number,
  seconds: number,
  clock: Clock,
): Promise<LoadTimes> {
  const times: number[] = [];
  const began = clock.now();
  const rest = queries[Symbol.iterator]();
  const client = async () => {
    for (let next = rest.next(); !next.done && clock.now() - began < 1000 * seconds; next = rest.next()) {
      const started = clock.now();
      await send(next.value);
      times.push(clock.now() - started);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, client));
  return { times, elapsed: clock.now() - began };
}

/** Offline: all queries at once; only throughput means something. */
export async function offline(send: Send, queries: readonly number[], clock: Clock): Promise<LoadTimes> {
  return await multiStream(send, queries, queries.length, Infinity, clock);
}

/** Requests of an open loop. */
export interface ServerTimes extends LoadTimes {
  /** From the scheduled arrival to the moment at which the engine was asked, mean in ms: large where its thread was busy. */
  readonly lateness: number;
  /** Requests that were scheduled but never sent, since too many were waiting: the engine cannot keep up. */
  readonly dropped: number;
  /** Arrivals a second as scheduled, up to the last one: what a Poisson process drew for the rate that was asked for. */
  readonly realised: number;
}

/** Requests that wait for an answer at the most. */
const MOST_WAITING = 10_000;

/**
 * Server: requests come when they come, whether or not earlier ones are answered (MLPerf's server scenario). Latency counts from
 * the scheduled arrival, so that time spent in a queue, or with a stalled engine, counts for everyone who waited.
 *
 * @param arrivals ms after the start, ascending
 */
export async function server(
  send: Send,
  queries: ArrayLike<number>,
  arrivals: readonly number[],
  clock: Clock,
): Promise<ServerTimes> {
  const times: number[] = [];
  const pending: Promise<void>[] = [];
  const began = clock.now();
  let [lateness, waiting, dropped] = [0, 0, 0];
  for (const [i, arrival] of arrivals.entries()) {
    const due = began + arrival;
    await clock.until(due);
    if (waiting >= MOST_WAITING) {
      dropped++;
      continue;
    }
    waiting++;
    lateness += clock.now() - due;
    pending.push(
      send(queries[i % queries.length]).then(() => {
        times[i] = clock.now() - due;
        waiting--;
      }),
    );
  }
  await Promise.all(pending);
  return {
    times: times.filter((time) => time !== undefined),
    elapsed: clock.now() - began,
    lateness: lateness / Math.max(arrivals.length - dropped, 1),
    dropped,
    realised: 1000 * arrivals.length / arrivals[arrivals.length - 1],
  };
}

/** Requests that a load point asks for at least: with fewer, chance decides about the load, and no tail can be told. */
export const LEAST_REQUESTS = 64;

/**
 * How many requests a server scenario takes: those of `seconds`, or {@link LEAST_REQUESTS} where these fit into `maxSeconds`, or
 * what does.
 *
 * @param rate arrivals a second
 */
export function requestsAt(rate: number, seconds: number, maxSeconds: number): number {
  return Math.max(1, Math.round(rate * seconds), Math.min(LEAST_REQUESTS, Math.round(rate * maxSeconds)));
}

/**
 * A Poisson process: arrival times in ms.
 *
 * @param rate arrivals a second
 */
export function poissonArrivals(rate: number, count: number, seed: number): number[] {
  const random = seededRandom(seed);
  let time = 0;
  return Array.from({ length: count }, () => time -= 1000 * Math.log(1 - random()) / rate);
}
