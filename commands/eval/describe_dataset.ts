import { timesMacs } from "../../encoders/flops/macs.ts";
import type { Dataset } from "../../datasets/dataset.ts";
import { passageText } from "../../datasets/dataset.ts";
import type { EmbeddingsHeader } from "../../encoders/embeddings/format.ts";
import type { Cell, DatasetRecord } from "../../eval/results/schema.ts";
import type { LoadedTopics } from "../../eval/topics.ts";

/** Characters of a passage that the results keep. */
const EXCERPT = 300;

/** What the results file records of a data set: its hashes, and the texts that the report shows. */
export function describeDataset(
  dataset: Dataset,
  topics: readonly LoadedTopics[],
  cells: readonly Cell[],
  embeddings: EmbeddingsHeader | null,
): DatasetRecord {
  const shown = new Set(cells.flatMap((cell) => cell.queries.flatMap((query) => query.top.map(({ id }) => id))));
  const excerpts: [string, string][] = [];
  let passages = 0;
  for (const passage of dataset.passages()) {
    passages++;
    if (shown.has(passage.id)) excerpts.push([passage.id, excerpt(passageText(passage))]);
  }
  return {
    name: dataset.name,
    title: dataset.title,
    licence: dataset.licence,
    collection_hash: dataset.contentHash(),
    sample: dataset.sample ?? null,
    passages,
    embeddings: embeddings && {
      tokens: embeddings.tokens,
      dim: embeddings.dim,
      encoded_passages: embeddings.encoded_passages,
      encode_seconds: embeddings.seconds,
      flops: embeddings.macs && timesMacs(embeddings.macs, 2),
    },
    topics: topics.map(({ topics: { name }, hash, queries }) => ({
      name,
      qrels_hash: hash,
      query_texts: Object.fromEntries(queries.map(({ id, text }) => [id, text])),
    })),
    passage_texts: Object.fromEntries(excerpts),
  };
}

function excerpt(text: string): string {
  return text.length > EXCERPT ? `${text.slice(0, EXCERPT - 1)}…` : text;
}
