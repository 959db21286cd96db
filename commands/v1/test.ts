import { join } from "node:path";
import { scoreTexts } from "../../backends/vectors/score_texts.ts";
import { passageText, type Qrels, type RankedPassage } from "../../datasets/dataset.ts";
import { readQrels } from "../../datasets/formats/qrels.ts";
import { readTopK } from "../../datasets/formats/runs/topk.ts";
import { readTsvPassages, readTsvQueries } from "../../datasets/formats/tsv.ts";
import { evaluateRun } from "../../eval/metrics/evaluate.ts";
import { parseMeasures } from "../../eval/metrics/measure.ts";
import { printFixed } from "../../eval/metrics/print.ts";
import { writeV1Rankings } from "../../eval/runs/write_v1.ts";
import { createKernel } from "../../kernels/kernel.ts";
import { topK } from "../../kernels/top_k.ts";
import { badInput, usageError } from "../../support/errors.ts";
import { startProgress } from "../../support/progress.ts";
import type { Command } from "../command.ts";
import { needed, openStage, parseStage, STAGE_USAGE } from "./stage.ts";
import { refuseInput } from "../../support/owned_folder.ts";

/** What v1 prints (`colbert/evaluation/metrics.py`). */
const MEASURES = [10, 100].map((k) => `RR@${k}`).concat(
  [50, 200, 1000].map((k) => `R@${k}`),
  [5, 10, 20, 50, 100, 1000].map((k) => `Success@${k}`),
).join(" ");

/** `deno task v1 test`: re-ranks with passages that are encoded at query time. */
export const v1TestCommand: Command = {
  name: "test",
  summary: "re-rank candidates, encoding passages at query time; with judgements, measure (ranking.tsv)",
  usage: `--topk FILE [--collection FILE --queries FILE] [options]

  --topk FILE        candidates: qid, pid and up to three more columns; or with texts: qid, pid, query, passage
  --collection FILE  pid, tab, passage [, tab, title]; with --queries, unless --topk holds the texts
  --queries FILE     qid, tab, query
  --qrels FILE       judgements; unless the last column of --topk holds labels
  --shortcircuit     skip queries without a relevant candidate: they count 0
  --out DIR          where ranking.tsv and ranking.tsv.annotated go (default: .)
  --log-scores       a column with scores
${STAGE_USAGE}`,
  async run(args) {
    const values = parseStage(args, {
      topk: { type: "string" },
      collection: { type: "string" },
      queries: { type: "string" },
      qrels: { type: "string" },
      shortcircuit: { type: "boolean", default: false },
      out: { type: "string", default: "." },
      "log-scores": { type: "boolean", default: false },
    });
    if ((values.collection === undefined) !== (values.queries === undefined)) {
      throw usageError("v1 test: --collection and --queries go together");
    }
    const file = needed("test", "topk", values.topk);
    const path = join(values.out, "ranking.tsv");
    for (const out of [path, `${path}.annotated`]) {
      const { collection, queries, qrels } = values;
      refuseInput("--out", out, [file, collection, queries, qrels].filter((input) => input !== undefined));
    }
    const { candidates, labels, texts } = readTopK(file);
    if (labels && values.qrels !== undefined) throw usageError("v1 test: --qrels, and labels in --topk: one is enough");
    const qrels: Qrels | null = values.qrels !== undefined ? readQrels(values.qrels) : labels;
    if (values.shortcircuit && !qrels) throw usageError("v1 test: --shortcircuit needs judgements");
    if (!values.collection && !texts) {
      throw usageError("v1 test: --collection and --queries are needed for this --topk");
    }
    const queries = values.queries === undefined
      ? texts!.queries
      : new Map(readTsvQueries(values.queries).map(({ id, text }) => [id, text]));
    const passages = values.collection === undefined ? texts!.passages : readTexts(values.collection, candidates);
    await using stage = await openStage(values);
    const kernel = createKernel(stage.context.kernel);
    const progress = startProgress("re-rank", candidates.size, "queries", values);
    const order = [...passages.keys()]; // breaks ties
    const places = new Map(order.map((id, place) => [id, place]));
    const run = new Map<string, RankedPassage[]>();
    let skipped = 0;
    let done = 0;
    for (const [qid, ids] of candidates) {
      progress.update(done++);
      const query = queries.get(qid);
      if (query === undefined) throw badInput(file, `query ${qid}`, `one of ${values.queries}`);
      if (values.shortcircuit && !ids.some((id) => (qrels!.get(qid)?.get(id) ?? 0) > 0)) {
        skipped++;
        continue;
      }
      const missing = ids.find((id) => !passages.has(id));
      if (missing !== undefined) throw badInput(file, `passage ${missing}`, `one of ${values.collection}`);
      const { matrix } = await stage.encoder.encodeQuery(query);
      const { scores } = await scoreTexts(kernel, stage.encoder, matrix, ids.map((id) => passages.get(id)!));
      const best = topK(scores, scores.length, Int32Array.from(ids, (id) => places.get(id)!));
      run.set(qid, Array.from(best.numbers, (place, i) => ({ id: order[place], score: best.scores[i] })));
    }
    progress.stop();
    kernel.close();
    const scores = values["log-scores"];
    writeV1Rankings(path, run, { ordered: true, scores });
    console.log(path);
    if (!qrels) return 0;
    writeV1Rankings(`${path}.annotated`, run, { ordered: true, scores, qrels });
    const judged: Qrels = new Map([...qrels].filter(([qid]) => candidates.has(qid)));
    const { mean } = evaluateRun(run, judged, parseMeasures(MEASURES), "run");
    for (const [measure, value] of Object.entries(mean)) console.log(`${measure}\t${printFixed(value)}`);
    const left = values.shortcircuit ? `, ${skipped} of them skipped` : "";
    if (!values.quiet) console.error(`${judged.size} judged queries with candidates are the denominator${left}`);
    return 0;
  },
};

/** The texts of just the passages that are candidates. */
function readTexts(collection: string, candidates: ReadonlyMap<string, readonly string[]>): Map<string, string> {
  const wanted = new Set([...candidates.values()].flat());
  const texts = new Map<string, string>();
  for (const passage of readTsvPassages(collection)) {
    if (wanted.has(passage.id)) texts.set(passage.id, passageText(passage));
  }
  return texts;
}
