import { chooseEngine, ENGINES } from "../../backends/faiss_ivfpq/choose_engine.ts";
import { indexFaiss } from "../../backends/faiss_ivfpq/v1/index_faiss.ts";
import { type Command, oneOf, positiveDecimal, positiveNumber } from "../command.ts";
import { needed, openStage, openStageIndex, parseStage, STAGE_USAGE } from "./stage.ts";

const SEED = 1234;

/** `deno task v1 index-faiss`: the FAISS files of an index folder. */
export const v1IndexFaissCommand: Command = {
  name: "index-faiss",
  summary: "build the FAISS files of an index folder (ivfpq.{P}.faiss)",
  usage: `--index DIR [options]

  --index DIR        index folder of v1
  --partitions P     default: 2^⌈log2(8 √vectors)⌉
  --sample F         train on a share F of every part (default: on the {i}.sample files)
  --slices S         files, of about as many parts each (default 1)
  --engine NAME      ${ENGINES.join(", ")} (default: auto, FAISS where it can be had)
${STAGE_USAGE}

Prints the files.`,
  async run(args) {
    const values = parseStage(args, {
      index: { type: "string" },
      partitions: { type: "string" },
      sample: { type: "string" },
      slices: { type: "string", default: "1" },
      engine: { type: "string", default: "auto" },
    });
    const folder = needed("index-faiss", "index", values.index);
    const sample = values.sample === undefined ? null : positiveDecimal("sample", values.sample, 1);
    const options = {
      partitions: values.partitions === undefined ? "auto" as const : positiveNumber("partitions", values.partitions),
      sample,
      slices: positiveNumber("slices", values.slices),
      seed: SEED,
    };
    await using stage = await openStage(values);
    const engine = await chooseEngine(oneOf("engine", values.engine, ENGINES), stage.context);
    const { index, embeddings } = await openStageIndex(folder, stage);
    for (const path of await indexFaiss(index, embeddings, engine, options, stage.context)) console.log(path);
    return 0;
  },
};
