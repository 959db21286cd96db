import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import { readQrels } from "../../datasets/formats/qrels.ts";
import type { Run } from "../../datasets/dataset.ts";
import { readRun } from "../../datasets/formats/runs/read.ts";
import { evaluateRun } from "../../eval/metrics/evaluate.ts";
import { formatMeasure, type Measure, parseMeasure, parseMeasures } from "../../eval/metrics/measure.ts";
import { printFixed } from "../../eval/metrics/print.ts";
import { type RankOrder, sortRanking } from "../../eval/metrics/order.ts";
import { scoreQuery as scoreQueries } from "../../eval/metrics/query_score.ts";
import { judgeRanking } from "../../eval/metrics/judged_ranking.ts";
import { expectError } from "../fixtures/expect.ts";
import { realDataTest } from "../fixtures/shared_data.ts";

function scoreQuery(measure: Measure, ranking: readonly string[], grades: ReadonlyMap<string, number>): number {
  return scoreQueries([measure], judgeRanking(ranking, grades))[0];
}

Deno.test("measures are parsed and written in one way", () => {
  const spellings = {
    "RR@10": "RR@10",
    "MRR@10": "RR@10",
    "mrr": "RR",
    "RR(rel=2)@10": "RR(rel=2)@10",
    "RR(rel=1)@10": "RR@10",
    "ndcg@10": "nDCG@10",
    "MAP": "AP",
    "AP(rel=2)": "AP(rel=2)",
    "Recall@50": "R@50",
    "P(rel=2)@5": "P(rel=2)@5",
    "Success@5": "Success@5",
    "Judged@10": "Judged@10",
    "nDCG(dcg='exp-log2')@10": "nDCG(gains='exp')@10",
    'nDCG(gains="exp")@10': "nDCG(gains='exp')@10",
    "nDCG(gains={2:3, 1:1})@10": "nDCG(gains={2:3})@10",
    "nDCG(gains={1:1})": "nDCG",
    "Compat(p=0.95)": "Compat",
    "Compat(normalize=False)": "Compat(normalize=False)",
    "nDCG(dcg='log2')": "nDCG",
    "RBP(p=.8)": "RBP",
    "RBP(rel=2, p=0.5)@20": "RBP(p=0.5,rel=2)@20",
    "RR(judged_only=True)@10": "RR(judged_only=True)@10",
    "iprec@0.5": "IPrec@0.5",
    "NumRet(rel=1)": "NumRet(rel=1)",
    "NumRel(rel=1)": "NumRel",
  };
  for (const [given, written] of Object.entries(spellings)) strictEqual(formatMeasure(parseMeasure(given)), written);
  deepStrictEqual(parseMeasures("MRR@10, RR@10 nDCG@10").map(formatMeasure), ["RR@10", "nDCG@10"]);
});

for (
  const wrong of [
    "",
    "XYZ@10",
    "RR@0",
    "R",
    "P",
    "nDCG(rel=2)@10",
    "RR(rel=x)@10",
    "RR(rel=1,rel=2)@10",
    "RR@10@20",
    "AP(rel=0)",
    "IPrec",
    "IPrec@2",
    "RBP(p=1)",
    "Rprec@5",
    "NumQ(rel=1)",
    "RR@1.5",
    "nDCG(gains={1:x})",
  ]
) {
  Deno.test(`the measure ${JSON.stringify(wrong)} is refused`, () =>
    expectError(() => parseMeasure(wrong), 2, "measure"));
}

Deno.test("values of a small ranking, by hand", () => {
  const grades = new Map([["a", 3], ["b", 0], ["c", 1], ["d", 2], ["e", -1]]);
  const ranking = ["b", "c", "x", "a", "e"];
  const value = (measure: string) => scoreQuery(parseMeasure(measure), ranking, grades);
  strictEqual(value("RR@10"), 1 / 2);
  strictEqual(value("RR(rel=2)@10"), 1 / 4);
  strictEqual(value("RR@1"), 0);
  strictEqual(value("R@4"), 2 / 3);
  strictEqual(value("P@10"), 2 / 10);
  strictEqual(value("Success@2"), 1);
  strictEqual(value("Success(rel=3)@3"), 0);
  strictEqual(value("Judged@5"), 4 / 5);
  strictEqual(value("AP"), (1 / 2 + 2 / 4) / 3);
  strictEqual(value("AP(rel=2)"), 1 / 4 / 2);
  const dcg = 1 / Math.log2(3) + 3 / Math.log2(5);
  const ideal = 3 + 2 / Math.log2(3) + 1 / Math.log2(4);
  ok(Math.abs(value("nDCG@10") - dcg / ideal) < 1e-15);
  ok(Math.abs(value("nDCG@2") - 1 / Math.log2(3) / (3 + 2 / Math.log2(3))) < 1e-15);
});

Deno.test("queries without relevant passages, and without ranking, count 0 in every mean", () => {
  const qrels = new Map([["1", new Map([["a", 1]])], ["2", new Map([["a", 0]])], ["3", new Map([["b", 1]])]]);
  const run = new Map([["1", [{ id: "a", score: 1 }]], ["2", [{ id: "a", score: 1 }]], ["9", [{ id: "a", score: 1 }]]]);
  const { mean, missing, extra } = evaluateRun(run, qrels, parseMeasures("RR@10 AP nDCG@10 R@5"), "run");
  deepStrictEqual(mean, { "RR@10": 1 / 3, AP: 1 / 3, "nDCG@10": 1 / 3, "R@5": 1 / 3 });
  deepStrictEqual([missing, extra], [["3"], ["9"]]);
});

Deno.test("trec_eval breaks ties by id descending, in byte order; version 9 has float32 scores", () => {
  const run = [{ id: "9", score: 1 }, { id: "10", score: 1.00000001 }, { id: "a", score: 1 }, {
    id: "\u{1f600}",
    score: 1,
  }, {
    id: "\uffee",
    score: 1,
  }];
  const ids = (order: RankOrder) => sortRanking(run, order).map(({ id }) => id);
  deepStrictEqual(ids("trec_eval@10"), ["10", "\u{1f600}", "\uffee", "a", "9"]);
  deepStrictEqual(ids("trec_eval@9"), ["\u{1f600}", "\uffee", "a", "9", "10"]);
  deepStrictEqual(ids("run"), run.map(({ id }) => id));
});

/** Every measure once more, from its definition. */
function bruteForce(
  { name, cutoff = Infinity, rel = 1, p = 0.8, beta = 1, max_rel = 4, gains, judged_only }: Measure,
  everything: string[],
  grades: Map<string, number>,
): number {
  const ranking = judged_only ? everything.filter((id) => (grades.get(id) ?? -1) >= 0) : everything;
  const top = ranking.filter((_, i) => i < cutoff);
  const isRelevant = (id: string) => grades.has(id) && grades.get(id)! >= rel;
  const hits = top.filter(isRelevant).length;
  const all = [...grades.keys()].filter(isRelevant).length;
  const worth = (id: string) => {
    const grade = Math.max(0, grades.get(id) ?? 0);
    return gains === "exp" ? 2 ** grade - 1 : gains?.get(grade) ?? grade;
  };
  const gain = (ids: string[]) => ids.reduce((sum, id, i) => sum + worth(id) / Math.log2(i + 2), 0);
  const ideal = [...grades.keys()].sort((a, b) => worth(b) - worth(a)).filter((_, i) => i < cutoff);
  const precisionAt = (k: number) => ranking.slice(0, k).filter(isRelevant).length / k;
  const recallAt = (k: number) => ranking.slice(0, k).filter(isRelevant).length / all;
  const setP = ranking.length ? precisionAt(ranking.length) : 0;
  const setR = all ? recallAt(ranking.length) : 0;
  const first = top.findIndex(isRelevant);
  const precisions = top.map((id, i) => isRelevant(id) ? top.slice(0, i + 1).filter(isRelevant).length / (i + 1) : 0);
  switch (name) {
    case "RR":
      return first < 0 ? 0 : 1 / (first + 1);
    case "Success":
      return hits > 0 ? 1 : 0;
    case "P":
      return hits / cutoff;
    case "R":
      return all ? hits / all : 0;
    case "Judged":
      return top.filter((id) => grades.has(id)).length / cutoff;
    case "AP":
      return all ? precisions.reduce((a, b) => a + b, 0) / all : 0;
    case "nDCG":
      return gain(ideal) ? gain(top) / gain(ideal) : 0;
    case "Rprec":
      return all ? precisionAt(all) : 0;
    case "IPrec": {
      // The best precision wherever recall has reached the level; the level is a number of passages, rounded up from 0.1.
      const needed = Math.trunc(cutoff * all + 0.9);
      const reached = ranking.map((_, i) => i + 1).filter((k) => recallAt(k) * all >= Math.max(needed, 1) - 1e-9);
      return Math.max(0, ...reached.map(precisionAt));
    }
    case "RBP":
      return (1 - p) * top.reduce((sum, id, i) => sum + (isRelevant(id) ? p ** i : 0), 0);
    case "ERR": {
      const stops = top.map((id) => (2 ** Math.max(0, grades.get(id) ?? 0) - 1) / 2 ** max_rel);
      return stops.reduce((sum, s, i) => sum + s / (i + 1) * stops.slice(0, i).reduce((q, t) => q * (1 - t), 1), 0);
    }
    case "Bpref": {
      const judged = ranking.filter((id) => (grades.get(id) ?? -1) >= 0);
      const others = [...grades.values()].filter((grade) => grade >= 0 && grade < rel).length;
      const kept = judged.map((id, i) => {
        if (!isRelevant(id)) return 0;
        const above = judged.slice(0, i).filter((other) => !isRelevant(other)).length;
        return above === 0 ? 1 : 1 - Math.min(above, all) / Math.min(others, all);
      });
      return all ? kept.reduce((a, b) => a + b, 0) / all : 0;
    }
    case "SetP":
      return setP;
    case "SetR":
      return setR;
    case "SetF":
      return setP + setR ? (beta + 1) * setP * setR / (setR + beta * setP) : 0;
    case "SetAP":
      return setP * setR;
    case "infAP":
    case "Accuracy":
    case "Compat":
    case "NumRet":
    case "NumRel":
    case "NumQ":
      throw new TypeError(`${name} is checked elsewhere`);
  }
}

const IDS = [..."abcdefghijkl"];
const MEASURES = parseMeasures(
  "RR RR@3 RR(rel=2)@5 nDCG nDCG@4 AP AP@3 AP(rel=2) R@3 R(rel=2)@5 P@3 P@20 Success@2 Judged@4 " +
    "nDCG(gains='exp')@4 nDCG(gains={1:2,2:2.5}) RR(judged_only=True)@3 Rprec Rprec(rel=2) IPrec@0 IPrec@0.3 IPrec@1 " +
    "RBP RBP(p=0.5)@3 RBP(rel=2) ERR ERR(max_rel=3)@5 Bpref Bpref(rel=2) SetP SetR(rel=2) SetF SetF(beta=2) SetAP",
);
const rankings = fc.shuffledSubarray(IDS);
const judgements = fc.dictionary(fc.constantFrom(...IDS), fc.integer({ min: -1, max: 3 })).map((o) =>
  new Map(Object.entries(o))
);

Deno.test("every measure equals its definition", () => {
  fc.assert(fc.property(rankings, judgements, (ranking, grades) => {
    for (const measure of MEASURES) {
      const difference = scoreQuery(measure, ranking, grades) - bruteForce(measure, ranking, grades);
      ok(Math.abs(difference) < 1e-12, formatMeasure(measure));
    }
  }));
});

Deno.test("RR@1 is Success@1, and values lie in [0, 1]", () => {
  fc.assert(fc.property(rankings, judgements, (ranking, grades) => {
    const value = (measure: string) => scoreQuery(parseMeasure(measure), ranking, grades);
    strictEqual(value("RR@1"), value("Success@1"));
    for (const measure of MEASURES) {
      const score = scoreQuery(measure, ranking, grades);
      ok(score >= 0 && score <= 1 + 1e-12, formatMeasure(measure));
    }
  }));
});

Deno.test("irrelevant passages below the cut-off change nothing", () => {
  fc.assert(fc.property(rankings, judgements, (ranking, grades) => {
    for (const measure of MEASURES) {
      if (measure.cutoff === undefined || measure.name === "IPrec" || ranking.length < measure.cutoff) continue;
      const longer = [...ranking, "zz1", "zz2"];
      strictEqual(scoreQuery(measure, longer, grades), scoreQuery(measure, ranking, grades), formatMeasure(measure));
    }
  }));
});

Deno.test("a relevant passage that is not retrieved never raises recall, AP or nDCG", () => {
  fc.assert(fc.property(rankings, judgements, fc.integer({ min: 1, max: 3 }), (ranking, grades, grade) => {
    const more = new Map([...grades, ["never retrieved", grade]]);
    for (const text of ["R@3", "R@100", "SetR", "AP", "AP@3", "nDCG@4", "nDCG"]) {
      const measure = parseMeasure(text);
      ok(scoreQuery(measure, ranking, more) <= scoreQuery(measure, ranking, grades) + 1e-12, text);
    }
  }));
});

Deno.test("counts are added up, not averaged", () => {
  const qrels = new Map([["1", new Map([["a", 1], ["b", 2]])], ["2", new Map([["c", 1]])]]);
  const run = new Map([["1", [{ id: "a", score: 2 }, { id: "x", score: 1 }]]]);
  const { mean } = evaluateRun(run, qrels, parseMeasures("NumQ NumRet NumRet(rel=1) NumRel NumRel(rel=2)"), "run");
  deepStrictEqual(mean, { NumQ: 2, NumRet: 2, "NumRet(rel=1)": 1, NumRel: 3, "NumRel(rel=2)": 1 });
});

realDataTest("five systems' DL 2019 runs score as trec_eval printed, for every query and the mean", (folder) => {
  const oracle = folder("oracle/dl19");
  const qrels = readQrels(`${folder("msmarco-dl19")}/qrels.full.txt`);
  const names: Record<string, Record<string, string>> = {
    graded: { ndcg_cut_10: "nDCG@10", ndcg_cut_20: "nDCG@20", ndcg_cut_100: "nDCG@100" },
    l2: {
      map: "AP(rel=2)",
      recip_rank: "RR(rel=2)",
      P_10: "P(rel=2)@10",
      recall_10: "R(rel=2)@10",
      recall_50: "R(rel=2)@50",
      recall_100: "R(rel=2)@100",
    },
    "mrr10.l2": { recip_rank: "RR(rel=2)@10" },
  };
  let compared = 0;
  for (const system of ["BM25", "BM25_RM3", "D_BERT_KD_TASB", "OPEN_AI_ADA2", "SPLADE_P_P_ENSEMBLE_DISTIL"]) {
    const run = readRun(`${oracle}/${system}.run`);
    for (const [file, measures] of Object.entries(names)) {
      const ours = evaluateRun(run, qrels, Object.values(measures).map(parseMeasure), "trec_eval@9");
      for (const line of Deno.readTextFileSync(`${oracle}/${system}.dl19.${file}.txt`).trimEnd().split("\n")) {
        const [name, qid, printed] = line.trim().split(/\s+/);
        const values = qid === "all" ? ours.mean : ours.perQuery.get(qid)!;
        strictEqual(printFixed(values[measures[name]]), printed, `${system} ${name} ${qid}`);
        compared++;
      }
    }
  }
  strictEqual(compared, 5 * 10 * 44);
});

Deno.test("printFixed() rounds ties to even, as C does", () => {
  deepStrictEqual([0.15625, 0.28125, 0.65625, 0.1, 1, 0.00005, 0.99995].map((x) => printFixed(x)), [
    "0.1562",
    "0.2812",
    "0.6562",
    "0.1000",
    "1.0000",
    "0.0001", // a little above the tie
    "1.0000", // so is this
  ]);
});

Deno.test("grades that a measure cannot take are an error, and none gives NaN or a probability above 1", async () => {
  const run: Run = new Map([["q", [{ id: "a", score: 2 }, { id: "b", score: 1 }]]]);
  const judged = (grade: number) => new Map([["q", new Map([["a", grade], ["b", 1]])]]);
  const value = (measure: string, grade: number) =>
    Object.values(evaluateRun(run, judged(grade), parseMeasures(measure), "run").mean)[0];
  await expectError(
    () => value("ERR@10", 5),
    2,
    'ERR@10, query "q", passage "a"',
    "grade 5",
    "max_rel=4",
    "ERR(max_rel=5)@10",
  );
  await expectError(() => value("ERR(max_rel=2)", 3), 2, "max_rel=2");
  for (const grade of [1001, 1100, 2e9, 1.5, NaN]) {
    await expectError(() => value("nDCG@10", grade), 2, `grade ${grade}`, "a whole number up to 1000");
  }
  for (const measure of ["nDCG(gains='exp')@10", "ERR(max_rel=1000)@10", "nDCG(gains={1000:1e300})@10", "Compat"]) {
    for (const grade of [4, 999, 1000]) {
      const found = value(measure, grade);
      ok(found >= 0 && found <= 1, `${measure} of grade ${grade}: ${found}`);
    }
  }
  for (const wrong of ["ERR(max_rel=1001)", "ERR(max_rel=0)", "nDCG(gains={1:1e305})@5", "nDCG(gains={1:nan})@5"]) {
    await expectError(() => parseMeasures(wrong), 2, wrong);
  }
});
