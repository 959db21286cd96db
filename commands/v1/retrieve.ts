import { join } from "node:path";
import { chooseEngine, ENGINES } from "../../backends/faiss_ivfpq/choose_engine.ts";
import { checkSlice } from "../../backends/faiss_ivfpq/slices.ts";
import { sizeOfFile } from "../../backends/check_content.ts";
import { verifyFiles } from "../../backends/vectors/verify.ts";
import { openIvfpqSearcher } from "../../backends/faiss_ivfpq/searcher.ts";
import { findFaissFiles } from "../../backends/faiss_ivfpq/v1/index_faiss.ts";
import type { RankedPassage } from "../../datasets/dataset.ts";
import { writeV1Rankings } from "../../eval/runs/write_v1.ts";
import { usageError } from "../../support/errors.ts";
import { startProgress } from "../../support/progress.ts";
import { type Command, oneOf, positiveNumber } from "../command.ts";
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

/** `deno task v1 retrieve`: end-to-end retrieval from an index folder. */
export const v1RetrieveCommand: Command = {
  name: "retrieve",
  summary: "retrieve end to end from an index folder (ranking.tsv, unordered.tsv)",
  usage: `--index DIR --queries FILE [options]

  --index DIR        index folder of v1, with its FAISS files
  --queries FILE     qid, tab, query
  --out DIR          where ranking.tsv (or unordered.tsv) goes (default: .)
  --partitions P     which FAISS files, where there are several
  --faiss-name NAME  or this file
  --nprobe N         lists searched for each query vector (default 10)
  --faiss-depth N    vectors kept of each (default 1024)
  --depth N          passages ranked (default 1000; 0 and less: all)
  --part-range A..B  only passages of parts A to B, without B
  --retrieve-only    candidates without scores, to unordered.tsv with rank -1
  --batch            queries go together; only with --retrieve-only, as in v1
  --log-scores       ranking.tsv gets a column with scores
  --engine NAME      ${ENGINES.join(", ")} (default: auto, FAISS where it can be had)
${STAGE_USAGE}`,
  async run(args) {
    const values = parseStage(args, {
      index: { type: "string" },
      queries: { type: "string" },
      out: { type: "string", default: "." },
      partitions: { type: "string" },
      "faiss-name": { type: "string" },
      nprobe: { type: "string", default: "10" },
      "faiss-depth": { type: "string", default: "1024" },
      depth: { type: "string", default: "1000" },
      "part-range": { type: "string" },
      "retrieve-only": { type: "boolean", default: false },
      batch: { type: "boolean", default: false },
      "log-scores": { type: "boolean", default: false },
      engine: { type: "string", default: "auto" },
    });
    const folder = needed("retrieve", "index", values.index);
    const queriesFile = needed("retrieve", "queries", values.queries);
    if (values.batch && !values["retrieve-only"]) throw usageError("v1 retrieve: --batch goes with --retrieve-only");
    const depth = /^(0+|-\d{1,8})$/.test(values.depth) ? Infinity : positiveNumber("depth", values.depth);
    const settings = {
      nprobe: positiveNumber("nprobe", values.nprobe),
      faiss_depth: positiveNumber("faiss-depth", values["faiss-depth"]),
    };
    const partitions = values.partitions === undefined ? undefined : positiveNumber("partitions", values.partitions);
    const path = join(values.out, values["retrieve-only"] ? "unordered.tsv" : "ranking.tsv");
    refuseInput("--out", path, [queriesFile]);
    await using stage = await openStage(values);
    const engine = await chooseEngine(oneOf("engine", values.engine, ENGINES), stage.context);
    const { index, embeddings } = await openStageIndex(folder, stage);
    const range = readPartRange(index, values["part-range"]);
    const files = findFaissFiles(index, { partitions, name: values["faiss-name"] });
    const { context } = stage;
    verifyFiles(
      files.map((file) => ({
        file,
        bytes: sizeOfFile(file),
        sha256: null,
        check: () => checkSlice(file, context.kernel),
      })),
      context,
    );
    await using searcher = await openIvfpqSearcher(embeddings, files, engine, settings, stage.context);
    const queries = await encodeQueries(queriesFile, stage);
    const progress = startProgress("retrieve", queries.length, "queries", values);
    let done = 0;
    const search = async ({ query, matrix }: typeof queries[number]): Promise<[string, RankedPassage[]]> => {
      const ranking: RankedPassage[] = [];
      if (matrix.rows > 0) {
        const numbers = within((await searcher.candidates(matrix)).numbers, range);
        const found = values["retrieve-only"]
          ? { numbers, scores: new Float32Array(numbers.length) }
          : await searcher.scorer.score(matrix, numbers);
        const most = values["retrieve-only"] ? Infinity : depth;
        for (let i = 0; i < Math.min(found.numbers.length, most); i++) {
          ranking.push({ id: index.ids[found.numbers[i]], score: found.scores[i] });
        }
      }
      progress.update(++done);
      return [query.id, ranking];
    };
    const rankings: [string, RankedPassage[]][] = [];
    if (values.batch) rankings.push(...await Promise.all(queries.map(search)));
    else for (const query of queries) rankings.push(await search(query));
    progress.stop();
    const ordered = !values["retrieve-only"];
    writeV1Rankings(path, rankings, { ordered, scores: ordered && values["log-scores"] });
    console.log(path);
    return 0;
  },
};
