import { usageError } from "../support/errors.ts";
import type { Command } from "./command.ts";
import { v1IndexCommand } from "./v1/index.ts";
import { v1IndexFaissCommand } from "./v1/index_faiss.ts";
import { v1RerankCommand } from "./v1/rerank.ts";
import { v1RetrieveCommand } from "./v1/retrieve.ts";
import { v1TestCommand } from "./v1/test.ts";

/** `deno task v1`: the stages of ColBERT v1, over its own index folder and files. */
export const v1Command: Command = {
  name: "v1",
  summary: "ColBERT v1's stages over its own files: index, index-faiss, retrieve, rerank, test",
  subcommands: [v1IndexCommand, v1IndexFaissCommand, v1RetrieveCommand, v1RerankCommand, v1TestCommand],
  usage: `index|index-faiss|retrieve|rerank|test [options]

  index        encode a collection into an index folder ({i}.pt, doclens.{i}.json, metadata.json)
  index-faiss  build its FAISS files (ivfpq.{P}.faiss)
  retrieve     end-to-end retrieval (ranking.tsv), or its candidates alone (unordered.tsv)
  rerank       exact scores of given candidates (ranking.tsv)
  test         re-rank with passages that are encoded at query time, and measure

Each has a --help of its own.`,
  run: () => Promise.reject(usageError("v1: name one of index, index-faiss, retrieve, rerank, test")),
};
