import { writeV1Index } from "../../backends/faiss_ivfpq/v1/write_folder.ts";
import { openLocated } from "../../datasets/open.ts";
import { describeFiles } from "../../datasets/own_files.ts";
import { embeddingsFolder, holdEmbeddings } from "../../encoders/embeddings/encode_collection.ts";
import { readEmbeddings } from "../../encoders/embeddings/read.ts";
import { usageError } from "../../support/errors.ts";
import { checkTarget } from "../../support/owned_folder.ts";
import { type Command, positiveDecimal } from "../command.ts";
import { needed, openStage, parseStage, STAGE_USAGE } from "./stage.ts";

const SEED = 12345;

/** `deno task v1 index`: encodes a collection into v1's index folder. */
export const v1IndexCommand: Command = {
  name: "index",
  summary: "encode a collection into an index folder ({i}.pt, doclens.{i}.json)",
  usage: `--collection FILE --index DIR [options]

  --collection FILE  pid, tab, passage [, tab, title]
  --index DIR        where the folder goes
  --chunksize GIB    size of a part by v1's estimate (default 6; a part never takes more than 4 GiB)
${STAGE_USAGE}

Passages are numbered from 0, as v1 numbers them; where the collection's ids are others, they are kept beside.`,
  async run(args) {
    const values = parseStage(args, {
      collection: { type: "string" },
      index: { type: "string" },
      chunksize: { type: "string", default: "6" },
    });
    const collection = needed("index", "collection", values.collection);
    const folder = needed("index", "index", values.index);
    const chunksize = positiveDecimal("chunksize", values.chunksize, 1024);
    if (checkTarget(folder, { kind: "foreign index", inputs: [collection] }) === "ours") {
      throw usageError(`--index ${folder}: it already exists`);
    }
    await using stage = await openStage(values);
    const { encoder, options } = stage;
    const dataset = openLocated({ directory: "", description: describeFiles(collection, null, null) });
    const rows = embeddingsFolder(options.store, dataset, encoder);
    using held = await holdEmbeddings(dataset, encoder, rows, options);
    await writeV1Index(readEmbeddings(held.folder), folder, { chunksize, seed: SEED, quiet: options.quiet });
    return 0;
  },
};
