// @ts-types="@types/d3-array"
import { shuffler } from "d3-array";
import { seededRandom } from "../../support/random.ts";
import type { Mode } from "../results/latency_schema.ts";
import type { Clock } from "./clock.ts";
import { type Estimate, LEAST_ROUNDS, medianEstimate, type Round } from "./intervals.ts";

/** One system, ready to be timed. */
export interface TimedEngine {
  /** What it is timed at; lexical systems have nothing to encode. */
  readonly modes: readonly Mode[];
  /** Times of these queries, ms. */
  time(queries: readonly number[], mode: Mode): Promise<ArrayLike<number>>;
}

/** When to stop. */
export interface RoundOptions {
  /** Half the width that the interval of a median may have, as a share of it. */
  readonly precision: number;
  /** Time for all systems together, s. */
  readonly maxSeconds: number;
  readonly seed: number;
}

/** The rounds of one system. */
export interface EngineRounds {
  /** For every mode and round, the times of the round's queries. */
  readonly times: Readonly<Record<Mode, readonly Round[]>>;
}

/** Everything that was timed. */
export interface Rounds {
  /** Queries of each round, by number. */
  readonly queries: readonly (readonly number[])[];
  readonly engines: readonly EngineRounds[];
  /** `precision`: all intervals are narrow enough; `max-time`: time was over before. */
  readonly stopped: "precision" | "max-time";
}

/** Queries of a round at the most. */
const ROUND_QUERIES = 100;

/**
 * Times systems on the same queries in rounds of two halves, A B C and C B A, each half in all modes: what changes steadily with
 * time (heat, other programs) meets all alike. All queries come up once, in a new seeded order, before any comes up again. Ends
 * when every query was timed and the median of every system is known to `precision`, or when time is over (after one round at the
 * earliest).
 */
export async function timeRounds(
  engines: readonly TimedEngine[],
  queries: number,
  { precision, maxSeconds, seed }: RoundOptions,
  clock: Clock,
  onRound: (rounds: number) => void = () => {},
): Promise<Rounds> {
  const times = engines.map((): Record<Mode, Round[]> => ({ search: [], with_encoding: [] }));
  const rounds: number[][] = [];
  const began = clock.now();
  const order = shuffledLaps(queries, seed);
  let lookAt = LEAST_ROUNDS;
  for (let asked = 0;;) {
    const round = order(Math.min(ROUND_QUERIES, queries - asked % queries));
    const middle = Math.ceil(round.length / 2);
    const halves = [round.slice(0, middle), round.slice(middle)];
    const own = engines.map((): Record<Mode, number[]> => ({ search: [], with_encoding: [] }));
    for (const [half, turns] of [[...engines.keys()], [...engines.keys()].reverse()].entries()) {
      for (const e of turns) {
        for (const mode of engines[e].modes) {
          if (halves[half].length === 0) continue;
          own[e][mode].push(...Array.from(await engines[e].time(halves[half], mode)));
        }
      }
    }
    rounds.push(round);
    engines.forEach(({ modes }, e) => modes.forEach((mode) => times[e][mode].push(own[e][mode])));
    asked += round.length;
    onRound(rounds.length);
    const over = clock.now() - began >= 1000 * maxSeconds;
    const look = asked >= queries && rounds.length >= lookAt;
    if (look) lookAt = Math.ceil(1.1 * rounds.length); // intervals take time to find
    const done = look && times.every((own, e) => {
      return engines[e].modes.every((mode) => isPrecise(medianEstimate(own[mode]), precision));
    });
    if (done || over) {
      return {
        queries: rounds,
        engines: times.map((own) => ({ times: own })),
        stopped: done ? "precision" : "max-time",
      };
    }
  }
}

/** Half the width of an interval as a share of its value. */
function halfWidth({ value, low, high }: Estimate): number {
  return Math.max(high - value, value - low) / value;
}

function isPrecise(estimate: Estimate | null, precision: number): boolean {
  return estimate !== null && halfWidth(estimate) <= precision;
}

/** Deals numbers below `count`: all of them once, in random order, then all of them again in another. */
function shuffledLaps(count: number, seed: number): (many: number) => number[] {
  const shuffle = shuffler(seededRandom(seed));
  const shuffled = () => shuffle(Array.from({ length: count }, (_, i) => i));
  let left: number[] = [];
  return (many) => {
    if (left.length === 0) left = shuffled();
    return left.splice(0, many);
  };
}
