import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import type { RankedPassage } from "../../datasets/dataset.ts";
import { formatMeasure, parseMeasure, parseMeasures } from "../../eval/metrics/measure.ts";
import { judgeRanking } from "../../eval/metrics/judged_ranking.ts";
import type { RankOrder } from "../../eval/metrics/order.ts";
import { scoreQuery } from "../../eval/metrics/query_score.ts";
import { scoredRanking } from "../../eval/metrics/scored_ranking.ts";
import { type TiedRanking, tiedRanking, tieRange } from "../../eval/metrics/tie_range.ts";

const IDS = [..."abcdef"];
const MEASURES = parseMeasures(
  "RR RR@2 RR(rel=2)@3 Success@1 Success@3 AP AP@3 P@2 R@3 nDCG@3 nDCG(gains='exp')@4 nDCG(judged_only=True)@2 RBP " +
    "Judged@2 Rprec ERR@3 Bpref infAP IPrec@0.5 SetF NumRet(rel=1) Accuracy@4 Compat",
);

const rankings = fc.uniqueArray(fc.constantFrom(...IDS), { minLength: 1 }).chain((ids) =>
  fc.tuple(...ids.map((id) => fc.record({ id: fc.constant(id), score: fc.integer({ min: 0, max: 2 }) })))
);
const judgements = fc.dictionary(fc.constantFrom(...IDS, "z"), fc.integer({ min: -1, max: 3 })).map((o) =>
  new Map(Object.entries(o))
);

function tied(
  ranking: readonly RankedPassage[],
  grades: ReadonlyMap<string, number>,
  order: RankOrder = "trec_eval@10",
): TiedRanking {
  return tiedRanking(scoredRanking(ranking, grades, order));
}

/** All rankings by score, over all orders of ties. */
function allOrders(ranking: readonly { id: string; score: number }[]): string[][] {
  if (ranking.length === 0) return [[]];
  const best = Math.max(...ranking.map(({ score }) => score));
  return ranking.filter(({ score }) => score === best).flatMap((first) =>
    allOrders(ranking.filter((other) => other !== first)).map((rest) => [first.id, ...rest])
  );
}

Deno.test("the range of every measure is that over all orders of ties, and exact means are their mean", () => {
  fc.assert(
    fc.property(rankings, judgements, (ranking, grades) => {
      const orders = allOrders(ranking).map((ids) => scoreQuery(MEASURES, judgeRanking(ids, grades)));
      MEASURES.forEach((measure, m) => {
        const values = orders.map((scores) => scores[m]);
        const { min, expected, max, exact } = tieRange(measure, tied(ranking, grades));
        const mean = values.reduce((a, b) => a + b, 0) / values.length;
        const name = formatMeasure(measure);
        ok(Math.abs(min - Math.min(...values)) < 1e-12, `${name}: min ${min}, expected ${Math.min(...values)}`);
        ok(Math.abs(max - Math.max(...values)) < 1e-12, `${name}: max`);
        ok(exact, name);
        ok(Math.abs(expected - mean) < 1e-12, `${name}: mean ${expected}, expected ${mean}`);
      });
    }),
    { numRuns: 60 },
  );
});

Deno.test("whatever the rule for ties, the value lies in the range", () => {
  fc.assert(fc.property(rankings, judgements, (ranking, grades) => {
    for (const order of ["run", "trec_eval@9", "trec_eval@10"] as const) {
      const sorted = order === "run" ? [...ranking].sort((a, b) => b.score - a.score) : ranking;
      const values = scoreQuery(MEASURES, scoredRanking(sorted, grades, order));
      MEASURES.forEach((measure, m) => {
        const { min, max } = tieRange(measure, tied(ranking, grades));
        ok(values[m] >= min - 1e-12 && values[m] <= max + 1e-12, formatMeasure(measure));
      });
    }
  }));
});

Deno.test("a constant scorer: everything ties", () => {
  const ids = Array.from({ length: 1000 }, (_, i) => `p${i}`);
  const ranking = ids.map((id) => ({ id, score: 1 }));
  const range = (text: string) => tieRange(parseMeasure(text), tied(ranking, new Map([["p7", 1]])));
  const { min, expected, max } = range("RR@10");
  deepStrictEqual([min, max], [0, 1]);
  const harmonic = Array.from({ length: 10 }, (_, i) => 1 / (i + 1)).reduce((a, b) => a + b, 0);
  ok(Math.abs(expected - harmonic / 1000) < 1e-12);
  ok(Math.abs(range("R@200").expected - 0.2) < 1e-9);
  strictEqual(range("R@1000").min, 1);
  const sampled = range("ERR@10"); // no closed form: random orders
  strictEqual(sampled.exact, false);
  ok(Math.abs(sampled.expected - sampled.max * harmonic / 1000) < 0.0005);
});

Deno.test("scores that differ beyond float32 tie for trec_eval 9", () => {
  const ranking = [{ id: "a", score: 1 }, { id: "b", score: 1 + 1e-10 }];
  strictEqual(tied(ranking, new Map(), "trec_eval@9").groups.length, 1);
  strictEqual(tied(ranking, new Map()).groups.length, 2);
});
