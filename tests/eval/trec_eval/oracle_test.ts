import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { readQrels } from "../../../datasets/formats/qrels.ts";
import { trecEvalReading } from "../../../datasets/formats/runs/reading.ts";
import { readRun } from "../../../datasets/formats/runs/read.ts";
import { trecEval, type TrecEvalOptions } from "../../../eval/trec_eval/evaluate.ts";
import { GROUP_MEASURES, GROUP_SETS, readGroupedQrels } from "../../../eval/trec_eval/group_measures.ts";
import { PREFERENCE_MEASURES, PREFERENCE_SETS } from "../../../eval/trec_eval/preference_measures.ts";
import { readPreferences } from "../../../eval/trec_eval/preferences.ts";
import { rankingJudgements } from "../../../eval/trec_eval/ranking_judgements.ts";
import { rankingMeasures, rankingSets } from "../../../eval/trec_eval/ranking_measures.ts";
import { readRequests } from "../../../eval/trec_eval/requests.ts";
import { readZscores } from "../../../eval/trec_eval/zscores.ts";
import { realDataTest } from "../../fixtures/shared_data.ts";
import { temporaryFolder } from "../../fixtures/temporary.ts";

const BASE: TrecEvalOptions = {
  version: 10,
  rel: 1,
  collectionSize: 0,
  perQuery: false,
  summary: true,
  complete: false,
  judgedOnly: false,
  maxRetrieved: Infinity,
  zscores: null,
};

/** trec_eval's own test suite: output file, `-m` options, other options, and the inputs where they are not the usual ones. */
const CASES: readonly (readonly [string, string[], Partial<TrecEvalOptions>, string?, string?])[] = [
  ["out.test", [], {}],
  ["out.test.a", ["all_trec"], {}],
  ["out.test.aq", ["all_trec"], { perQuery: true }],
  ["out.test.aqc", ["all_trec"], { perQuery: true, complete: true }, "qrels.test", "results.trunc"],
  [
    "out.test.aqcM",
    ["all_trec"],
    { perQuery: true, complete: true, maxRetrieved: 100 },
    "qrels.test",
    "results.trunc",
  ],
  ["out.test.aql", ["all_trec", "relstring.20"], { perQuery: true, rel: 2 }, "qrels.rel_level"],
  [
    "out.test.meas_params",
    [
      ...["iprec_at_recall..10,.20,.25,.75,.50", "P.5,7,3", "recall.20,2000", "Rprec_mult.5.0,0.2,0.35"],
      ...["utility.2,-1,0,0", "11pt_avg..25,.5,.75", "ndcg.1=3,2=9,4=4.5", "ndcg_cut.10,20,23.4", "success.2,5,20"],
    ],
    { perQuery: true },
  ],
  ["out.test.aqZ", ["all_trec"], { perQuery: true }],
];

for (const [expected, measures, options, qrels = "qrels.test", run = "results.test"] of CASES) {
  realDataTest(`trec_eval's test suite: ${expected} is equal byte for byte`, (folder) => {
    const file = (name: string) => join(folder("oracle/trec_eval"), name);
    const zscores = expected.endsWith("Z") ? readZscores(file("zscores_file")) : null;
    const lines = trecEval(
      rankingJudgements(readQrels(file(qrels))),
      readRun(file(run), trecEvalReading(10)),
      "STANDARD",
      readRequests(measures, { measures: rankingMeasures(10), sets: rankingSets(10) }),
      { ...BASE, ...options, zscores },
    );
    const text = [...lines].map((line) => `${line}\n`).join("");
    strictEqual(text, Deno.readTextFileSync(file(expected)));
  });
}

for (
  const [expected, format, preferences, run] of [
    ["out.test.prefs", "prefs", "prefs.test", "prefs.results.test"],
    ["out.test.qrels_prefs", "qrels_prefs", "qrels.test", "results.test"],
  ] as const
) {
  realDataTest(`trec_eval's test suite: ${expected} is equal byte for byte`, (folder) => {
    const file = (name: string) => join(folder("oracle/trec_eval"), name);
    const lines = trecEval(
      readPreferences(file(preferences), format),
      readRun(file(run), trecEvalReading(10)),
      "STANDARD",
      readRequests(["all_prefs"], { measures: PREFERENCE_MEASURES, sets: PREFERENCE_SETS }),
      { ...BASE, perQuery: true },
    );
    const text = [...lines].map((line) => `${line}\n`).join("");
    strictEqual(text, Deno.readTextFileSync(file(expected)));
  });
}

Deno.test("judgement groups: one group is plain qrels, two give the mean of both", () => {
  using folder = temporaryFolder();
  const lines = (group: string, relevant: string[]) =>
    ["a", "b", "c"].map((id) => `1 ${group} ${id} ${relevant.includes(id) ? 1 : 0}\n`).join("");
  const run = new Map([["1", ["a", "x", "b", "c"].map((id, i) => ({ id, score: -i }))]]);
  const value = (qrels: string) => {
    const requests = readRequests(["map_avgjg"], { measures: GROUP_MEASURES, sets: GROUP_SETS });
    return [...trecEval(readGroupedQrels(folder.file("qrels", qrels)), run, "t", requests, BASE)];
  };
  const [first, second] = [lines("A", ["b"]), lines("B", ["a", "c"])];
  deepStrictEqual(value(first), ["map_avgjg             \tall\t0.3333"]);
  deepStrictEqual(value(second), ["map_avgjg             \tall\t0.7500"]);
  deepStrictEqual(value(first + second), ["map_avgjg             \tall\t0.5417"]);
});
