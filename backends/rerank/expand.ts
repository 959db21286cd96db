import type { Matrix } from "../../encoders/encoder.ts";
import { topK } from "../../kernels/top_k.ts";
import type { Stage } from "../backend.ts";
import type { Scored } from "../vectors/exact_search.ts";
import type { NeighbourGraph } from "./neighbours.ts";

/** Scores passages by their numbers. */
export type ScoreNumbers = (query: Matrix, numbers: readonly number[]) => Promise<Scored>;

/**
 * Lexically accelerated dense retrieval (LADR; Kulkarni, MacAvaney, Goharian and Frieder, SIGIR 2023) with MaxSim: re-ranks seeds
 * and passages near them. Proactive (§3.1): the seeds and all their neighbours. Adaptive (§3.2): the neighbours of the best
 * `adaptive` passages, until these bring nothing new.
 *
 * @param adaptive how many of the best passages are looked at; 0: proactive
 */
export async function expandAndScore(
  query: Matrix,
  seeds: readonly number[],
  graph: NeighbourGraph,
  adaptive: number,
  score: ScoreNumbers,
): Promise<Scored> {
  if (adaptive === 0) return await score(query, [...new Set(seeds.flatMap((seed) => [seed, ...graph.of(seed)]))]);
  const known = new Map<number, number>();
  const stages: Stage[] = [];
  for (let next = [...new Set(seeds)]; next.length > 0;) {
    const found = await score(query, next);
    stages.push(...found.stages);
    found.numbers.forEach((number, i) => known.set(number, found.scores[i]));
    const best = ranked(known).numbers.subarray(0, adaptive);
    next = [...new Set(Array.from(best).flatMap((number) => [...graph.of(number)]))].filter((number) =>
      !known.has(number)
    );
  }
  return { ...ranked(known), stages: sumStages(stages, known.size) };
}

function ranked(scores: ReadonlyMap<number, number>) {
  return topK(Float32Array.from(scores.values()), scores.size, Int32Array.from(scores.keys()));
}

/** Rounds of one stage as one. */
function sumStages(rounds: readonly Stage[], candidates: number): Stage[] {
  if (rounds.length === 0) return [];
  const sum = (value: (stage: Stage) => number) => rounds.reduce((total, stage) => total + value(stage), 0);
  return [{
    name: rounds[0].name,
    ms: sum(({ ms }) => ms),
    macs: { float: sum(({ macs }) => macs.float), integer: sum(({ macs }) => macs.integer) },
    bytes: sum(({ bytes }) => bytes),
    candidates,
  }];
}
