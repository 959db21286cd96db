import { strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { readTrecQrels } from "../../../datasets/formats/qrels.ts";
import { readTrecRun } from "../../../datasets/formats/runs.ts";
import { trecEval, type TrecEvalOptions } from "../../../eval/trec_eval/evaluate.ts";
import { readRequests } from "../../../eval/trec_eval/requests.ts";
import { readZscores } from "../../../eval/trec_eval/zscores.ts";
import { realDataTest } from "../../fixtures/shared_data.ts";

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
      readTrecQrels(file(qrels)),
      readTrecRun(file(run), { extraColumns: true }),
      "STANDARD",
      readRequests(measures, 10),
      { ...BASE, ...options, zscores },
    );
    const text = [...lines].map((line) => `${line}\n`).join("");
    strictEqual(text, Deno.readTextFileSync(file(expected)));
  });
}
