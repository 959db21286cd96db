import { join } from "node:path";
import { type Attempt, type Case, failureOf } from "./case.ts";
import { allCases } from "./cases/all.ts";
import type { CaseSetup } from "./attempt_cases.ts";
import { copyWorld } from "./copy_world.ts";
import { type Death, watchedChild } from "./watched_child.ts";

/** One case and what became of it. */
export interface CaseOutcome {
  readonly number: number;
  readonly attempted: Case;
  readonly attempt: Attempt | Death;
  readonly peakBytes: number;
  /** What is wrong with it; null where nothing is. */
  readonly failure: string | null;
}

/**
 * Runs cases within child processes, as many at once as there are lanes.
 *
 * @param world what `world.ts` made
 * @param numbers of the cases
 */
export async function tryCases(
  { world, folder, seed, numbers, lanes, tell }: {
    readonly world: string;
    readonly folder: string;
    readonly seed: number;
    readonly numbers: readonly number[];
    readonly lanes: number;
    readonly tell?: (outcome: CaseOutcome) => void;
  },
): Promise<CaseOutcome[]> {
  const cases = allCases(seed);
  const outcomes: CaseOutcome[] = [];
  let next = 0;
  const work = async (lane: number) => {
    const root = join(folder, `lane-${lane}`);
    copyWorld(world, root);
    const child = watchedChild(new URL("./attempt_cases.ts", import.meta.url), { root, seed } satisfies CaseSetup);
    while (next < numbers.length) {
      const number = numbers[next++];
      const attempted = cases[number];
      const got = await child.ask(number);
      const died = "death" in got;
      const attempt: Attempt | Death = died ? got : JSON.parse(got.answer);
      const failure = "death" in attempt ? attempt.death : failureOf(attempted, attempt);
      const outcome = { number, attempted, attempt, peakBytes: died ? 0 : got.peakBytes, failure };
      outcomes.push(outcome);
      tell?.(outcome);
      if (failure === "touched" || died) copyWorld(world, root);
    }
    await child.close();
  };
  await Promise.all(Array.from({ length: lanes }, (_, lane) => work(lane)));
  return outcomes.sort((a, b) => a.number - b.number);
}
