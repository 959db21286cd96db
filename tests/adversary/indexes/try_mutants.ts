import { join } from "node:path";
import { copyTree } from "../copy_tree.ts";
import { type Death, watchedChild } from "../watched_child.ts";
import type { MutantAnswer, MutantQuestion, MutantSetup } from "./attempt_mutants.ts";
import { VARIANTS } from "./variants.ts";

/** One mutated index and what became of it. */
export interface MutantOutcome {
  readonly variant: string;
  readonly seed: number;
  readonly answer: MutantAnswer | Death;
  readonly peakBytes: number;
  /** What is wrong with it; null where nothing is. */
  readonly failure: string | null;
}

/**
 * Mutates indexes and searches, explains and verifies each, in as many child processes as there are lanes.
 *
 * @param honest folder with all variants, as `build_variants.ts` makes it
 * @param seeds of the mutations; each is applied to the next variant in turn
 */
export async function tryMutants(
  { honest, store, folder, seeds, lanes, tell }: {
    readonly honest: string;
    readonly store: string;
    readonly folder: string;
    readonly seeds: readonly number[];
    readonly lanes: number;
    readonly tell?: (outcome: MutantOutcome) => void;
  },
): Promise<MutantOutcome[]> {
  const outcomes: MutantOutcome[] = [];
  let next = 0;
  const work = async (lane: number) => {
    const root = join(folder, `lane-${lane}`);
    const renew = () => copyTree(honest, root);
    renew();
    const child = watchedChild(new URL("./attempt_mutants.ts", import.meta.url), { root, store } satisfies MutantSetup);
    while (next < seeds.length) {
      const seed = seeds[next++];
      const question: MutantQuestion = { variant: seed % VARIANTS.length, seed };
      const got = await child.ask(question);
      const died = "death" in got;
      const answer: MutantAnswer | Death = died ? got : JSON.parse(got.answer);
      const outcome = {
        variant: VARIANTS[question.variant].name,
        seed,
        answer,
        peakBytes: died ? 0 : got.peakBytes,
        failure: failureOf(answer),
      };
      outcomes.push(outcome);
      tell?.(outcome);
      // Whatever was being tried is still there.
      if (died) renew();
    }
    await child.close();
  };
  await Promise.all(Array.from({ length: lanes }, (_, lane) => work(lane)));
  return outcomes.sort((a, b) => a.seed - b.seed);
}

/** What of an outcome must not be. */
export function failureOf(answer: MutantAnswer | Death): string | null {
  if ("death" in answer) return answer.death;
  if (answer.touched.length > 0) return "touched";
  if (
    answer.search === "trace" || answer.doctor === "trace" || answer.detail.some((line) => line.startsWith("unhandled"))
  ) {
    return "trace";
  }
  if (answer.search === "meaningless") return "meaningless";
  if (answer.search === "other ranking" && !answer.resealed) return "silent";
  if (answer.doctor === "sound" && !answer.resealed && answer.search !== "same ranking") return "doctor";
  return null;
}
