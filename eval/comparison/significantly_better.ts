import { holm } from "../significance/holm.ts";
import { describe, pairedTTest, scoreDifference } from "../significance/t_test.ts";
import type { Cell } from "../results/schema.ts";

/** Level of the tests. */
export const LEVEL = 0.05;

/**
 * For every measure and system, which other systems it is significantly better than: two-sided paired t-tests of all pairs, with
 * Holm's correction over all pairs and measures together. (Over many queries the t-test and the randomisation test agree: Smucker,
 * Allan and Carterette, CIKM 2007.)
 *
 * @param cells systems on the same queries
 * @returns by measure, for each cell the numbers of the cells that it beats
 */
export function significantlyBetter(cells: readonly Cell[], measures: readonly string[]): Map<string, number[][]> {
  const pairs = measures.flatMap((measure) =>
    cells.flatMap((a, i) =>
      cells.slice(i + 1).flatMap((b, offset) => {
        const j = i + 1 + offset;
        const sample = describe(a.queries.map(({ measures }, q) => {
          return scoreDifference(measures[measure] ?? 0, b.queries[q]?.measures[measure] ?? 0);
        }));
        const p = sample.deviation > 0 ? pairedTTest(sample).p : 1;
        return [{ measure, better: sample.mean > 0 ? i : j, worse: sample.mean > 0 ? j : i, p }];
      })
    )
  );
  const adjusted = holm(pairs.map(({ p }) => p));
  const beaten = new Map(measures.map((measure) => [measure, cells.map((): number[] => [])]));
  pairs.forEach(({ measure, better, worse }, at) => {
    if (adjusted[at] < LEVEL) beaten.get(measure)![better].push(worse);
  });
  return beaten;
}
