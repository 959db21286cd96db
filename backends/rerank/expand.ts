import type { Matrix } from "../../encoders/encoder.ts";
import { topK } from "../../kernels/top_k.ts";
import type { Stage } from "../backend.ts";
import { passageNumbers } from "../passage_numbers.ts";
import type { Scored } from "../vectors/exact_search.ts";
import { type NeighbourGraph, openNeighbours } from "./neighbours.ts";
import type { Verification } from "../vectors/verify.ts";
import type { SecondStage } from "./second_stage.ts";

/** Scores passages by their numbers. */
export type ScoreNumbers = (query: Matrix, numbers: readonly number[]) => Promise<Scored>;

/** Scores candidates and passages near them. */
export interface Expansion extends Pick<SecondStage, "score"> {
  readonly memoryBytes: number;
}

/** Opens the neighbours in an index's folder; {@link expandAndScore} says what is done with them. */
export function openExpansion(
  folder: string,
  passages: number,
  { neighbours, adaptive }: { readonly neighbours: number; readonly adaptive: number },
  second: SecondStage,
  verification: Verification = {},
): Expansion {
  const graph = openNeighbours(folder, passages, neighbours, verification);
  const numbersOf = passageNumbers(Array.from({ length: passages }, (_, number) => second.id(number)));
  const score: ScoreNumbers = (query, numbers) => second.score(query, numbers.map((number) => second.id(number)));
  return {
    memoryBytes: graph.memoryBytes + 12 * passages,
    score: (query, ids) => expandAndScore(query, [...numbersOf(ids)], graph, adaptive, score),
  };
}

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
