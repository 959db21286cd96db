import type { Run } from "../../datasets/dataset.ts";
import type { Cell } from "../results/schema.ts";
import { kendallTau, overlap, rankBiasedOverlap } from "../similarity/rankings.ts";

/** How like a reference's rankings a system's are: means over the reference's queries. */
export type Approximation = NonNullable<Cell["approximation"]>;

/** Compares the rankings of a system with those of a reference, which for an approximate engine is the exhaustive search. */
export function approximate(
  run: Run,
  reference: string,
  referenceRun: Run,
): Approximation {
  const pairs = [...referenceRun].map(([qid, ranking]) => ({
    wanted: ranking.map(({ id }) => id),
    found: (run.get(qid) ?? []).map(({ id }) => id),
  }));
  const taus = pairs.flatMap(({ found, wanted }) => kendallTau(found.slice(0, 100), wanted.slice(0, 100)) ?? []);
  const mean = (value: (found: string[], wanted: string[]) => number) =>
    pairs.reduce((sum, { found, wanted }) => sum + value(found, wanted), 0) / pairs.length;
  return {
    reference,
    queries: pairs.length,
    overlap: {
      "10": mean((found, wanted) => overlap(found, wanted, 10)),
      "100": mean((found, wanted) => overlap(found, wanted, 100)),
      "1000": mean((found, wanted) => overlap(found, wanted, 1000)),
    },
    rbo: mean((found, wanted) => rankBiasedOverlap(found, wanted)),
    tau: taus.length === 0 ? null : taus.reduce((sum, tau) => sum + tau, 0) / taus.length,
  };
}
