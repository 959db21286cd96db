import { join } from "node:path";
import { passageNumbers } from "../../backends/passage_numbers.ts";
import { openVectorScorer } from "../../backends/vectors/scorer.ts";
import type { RankedPassage } from "../../datasets/dataset.ts";
import { readTopK } from "../../datasets/formats/runs/topk.ts";
import { passageRange } from "../../backends/faiss_ivfpq/v1/index_folder.ts";
import { writeV1Rankings } from "../../eval/runs/write_v1.ts";
import { startProgress } from "../../support/progress.ts";
import { type Command, positiveNumber } from "../command.ts";
import {
  encodeQueries,
  needed,
  openStage,
  openStageIndex,
  parseStage,
  readPartRange,
  STAGE_USAGE,
  within,
} from "./stage.ts";
import { refuseInput } from "../../support/owned_folder.ts";

/** What v1 writes of each query in batches (`MAX_DEPTH_LOGGED`). */
const BATCH_DEPTH = 1000;

/** `deno task v1 rerank`: exact scores of given candidates from an index folder. */
export const v1RerankCommand: Command = {
  name: "rerank",
  summary: "re-rank candidates with an index folder (ranking.tsv)",
  usage: `--index DIR --queries FILE --topk FILE [options]

  --index DIR        index folder of v1
  --queries FILE     qid, tab, query
  --topk FILE        candidates: qid, pid and up to three more columns; retrieve's files, or MS MARCO's top1000
  --out DIR          where ranking.tsv goes (default: .)
  --batch            part by part, all queries of each together; the best 1000 of each query are written
  --step N           parts at once in a batch (default: all)
  --part-range A..B  only passages of parts A to B, without B
  --log-scores       a column with scores
${STAGE_USAGE}`,
  async run(args) {
    const values = parseStage(args, {
      index: { type: "string" },
      queries: { type: "string" },
      topk: { type: "string" },
      out: { type: "string", default: "." },
      batch: { type: "boolean", default: false },
      step: { type: "string" },
      "part-range": { type: "string" },
      "log-scores": { type: "boolean", default: false },
    });
    const folder = needed("rerank", "index", values.index);
    const queriesFile = needed("rerank", "queries", values.queries);
    const { candidates } = readTopK(needed("rerank", "topk", values.topk));
    const path = join(values.out, "ranking.tsv");
    refuseInput("--out", path, [queriesFile, values.topk!]);
    await using stage = await openStage(values);
    const { index, embeddings } = await openStageIndex(folder, stage);
    const range = readPartRange(index, values["part-range"]);
    const parts = index.parts.length;
    const step = values.batch && values.step !== undefined ? positiveNumber("step", values.step) : parts;
    await using scorer = await openVectorScorer(embeddings, { ...stage.context, memory: "auto" });
    const numbersOf = passageNumbers(index.ids);
    const queries = (await encodeQueries(queriesFile, stage)).filter(({ query }) => candidates.has(query.id));
    const wanted = queries.map(({ query }) => within(Int32Array.from(numbersOf(candidates.get(query.id)!)), range));
    const found = queries.map((): { readonly number: number; readonly score: number }[] => []);
    const progress = startProgress("re-rank", queries.length * Math.ceil(parts / step), "queries", values);
    let done = 0;
    const score = async (q: number, part: readonly [number, number]) => {
      const { matrix } = queries[q];
      const { numbers, scores } = await scorer.score(matrix, within(wanted[q], part));
      numbers.forEach((number, i) => found[q].push({ number, score: scores[i] }));
      progress.update(++done);
    };
    for (let from = 0; from < parts; from += step) {
      const part = passageRange(index, from, Math.min(parts, from + step));
      if (values.batch) await Promise.all(queries.map((_, q) => score(q, part)));
      else for (const q of queries.keys()) await score(q, part);
    }
    progress.stop();
    const rankings = queries.map(({ query }, q): [string, RankedPassage[]] => {
      const order = found[q].sort((a, b) => b.score - a.score || a.number - b.number);
      const most = values.batch ? BATCH_DEPTH : order.length;
      return [query.id, order.slice(0, most).map(({ number, score }) => ({ id: index.ids[number], score }))];
    });
    writeV1Rankings(path, rankings, { ordered: true, scores: values["log-scores"] });
    console.log(path);
    return 0;
  },
};
