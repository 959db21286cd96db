import { ok, strictEqual } from "node:assert/strict";
import type { Qrels, Run } from "../../datasets/dataset.ts";
import { evaluateRun } from "../../eval/metrics/evaluate.ts";
import { formatMeasure, parseMeasure } from "../../eval/metrics/measure.ts";
import type { TrecEvalOptions } from "../../eval/trec_eval/evaluate.ts";
import { rankingJudgements } from "../../eval/trec_eval/ranking_judgements.ts";
import { rankingMeasures, rankingSets } from "../../eval/trec_eval/ranking_measures.ts";
import { readRequests } from "../../eval/trec_eval/requests.ts";

type Rows = readonly (readonly [qid: string, pid: string, value: number])[];
type ByQuery = Readonly<Record<string, number>>;

/** What `make_golden.py` beside the file wrote: judgements, rankings, and the values that the reference tools gave them. */
interface Golden {
  readonly qrels: Rows;
  readonly run: Rows;
  readonly tied: Rows;
  readonly values: Readonly<Record<string, ByQuery>>;
  readonly mean: ByQuery;
  readonly pytrec_eval: Readonly<Record<"run" | "tied", Readonly<Record<string, ByQuery>>>>;
  readonly ranx: Readonly<Record<string, ByQuery>>;
}

function readGolden(): Golden {
  return JSON.parse(Deno.readTextFileSync(new URL("../fixtures/reference_tools/golden.json", import.meta.url)));
}

function toQrels(rows: Rows): Qrels {
  const grouped = Map.groupBy(rows, ([qid]) => qid);
  return new Map([...grouped].map(([qid, list]) => [qid, new Map(list.map(([, pid, grade]) => [pid, grade]))]));
}

function toRun(rows: Rows): Run {
  const grouped = Map.groupBy(rows, ([qid]) => qid);
  return new Map([...grouped].map(([qid, list]) => [qid, list.map(([, id, score]) => ({ id, score }))]));
}

Deno.test("random rankings score as ir_measures says, for every query and over all", () => {
  const golden = readGolden();
  const qrels = toQrels(golden.qrels);
  const run = toRun(golden.run);
  const texts = Object.keys(golden.values);
  ok(texts.length > 35);
  for (const text of texts) {
    const measure = parseMeasure(text);
    const name = formatMeasure(measure);
    const { perQuery, mean } = evaluateRun(run, qrels, [measure], "trec_eval@10");
    const tolerance = measure.name === "ERR" || measure.gains === "exp" ? 6e-6 : 1e-12; // gdeval prints five decimals
    for (const [qid, value] of Object.entries(golden.values[text])) {
      // ir_measures counts no query and no relevant passage where the run has no ranking; trec_eval -c, and we, do.
      if (!run.has(qid) && ["NumQ", "NumRel"].includes(name)) continue;
      ok(Math.abs(perQuery.get(qid)![name] - value) < tolerance, `${text}, query ${qid}`);
    }
    // Asked for alone, its Accuracy is averaged over the queries that have one; asked for with others, over all.
    if (!["NumQ", "NumRel", "Accuracy"].includes(measure.name)) {
      ok(Math.abs(mean[name] - golden.mean[text]) < tolerance, text);
    }
  }
});

for (const name of ["run", "tied"] as const) {
  Deno.test(`random rankings score as pytrec_eval says, in all its measures: ${name}`, () => {
    const golden = readGolden();
    const run = toRun(golden[name]);
    const judgements = rankingJudgements(toQrels(golden.qrels));
    const { measures } = readRequests(["all_trec"], { measures: rankingMeasures(9), sets: rankingSets(9) });
    const options: TrecEvalOptions = {
      ...{ version: 9, rel: 1, collectionSize: 0, perQuery: true, summary: false, complete: false },
      ...{ judgedOnly: false, maxRetrieved: Infinity, zscores: null },
    };
    const compared = new Set<string>();
    for (const [qid, expected] of Object.entries(golden.pytrec_eval[name])) {
      const view = judgements.view(qid, run.get(qid)!, options);
      for (const { measure, parameters, names } of measures) {
        if (measure.over === "none") continue;
        measure.values(view, parameters, options).forEach((value, i) => {
          if (!Object.hasOwn(expected, names[i])) return;
          strictEqual(value, expected[names[i]], `${names[i]}, query ${qid}`);
          compared.add(names[i]);
        });
      }
    }
    ok(compared.size > 80, String(compared.size));
  });
}

/** ranx's names for our measures; where its definition is another one, there is none. */
const RANX: Readonly<Record<string, string>> = {
  "mrr": "RR",
  "mrr@10": "RR@10",
  "ndcg@10": "nDCG@10",
  "ndcg_burges@10": "nDCG(gains='exp')@10",
  "recall@10": "R@10",
  "precision@5": "P@5",
  "map": "AP",
  "hit_rate@5": "Success@5",
  "r-precision": "Rprec",
};

Deno.test("random rankings score as ranx says", () => {
  const golden = readGolden();
  const qrels = toQrels(golden.qrels);
  const run = toRun(golden.run);
  for (const [theirs, ours] of Object.entries(RANX)) {
    const measure = parseMeasure(ours);
    const { perQuery } = evaluateRun(run, qrels, [measure], "trec_eval@10");
    for (const [qid, value] of Object.entries(golden.ranx[theirs])) {
      ok(Math.abs(perQuery.get(qid)![formatMeasure(measure)] - value) < 1e-12, `${theirs}, query ${qid}`);
    }
  }
});
