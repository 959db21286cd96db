import { timesMacs } from "../../encoders/flops/macs.ts";
import type { Dataset } from "../../datasets/dataset.ts";
import { passageText } from "../../datasets/dataset.ts";
import type { Encoder } from "../../encoders/encoder.ts";
import type { EmbeddingsHeader } from "../../encoders/embeddings/format.ts";
import type { Cell, DatasetRecord } from "../../eval/results/schema.ts";
import { explainDifferences, largestDifferences } from "../../eval/explanations.ts";
import type { LoadedTopics } from "../../eval/topics.ts";

/** Characters of a passage that the results keep. */
const EXCERPT = 300;

/** What the results file records of a data set: its hashes, and the texts that the report shows. */
export async function describeDataset(
  dataset: Dataset,
  topics: readonly LoadedTopics[],
  cells: readonly Cell[],
  embeddings: EmbeddingsHeader | null,
  encoder: Encoder | null,
): Promise<DatasetRecord> {
  const shown = new Set(cells.flatMap((cell) => cell.queries.flatMap((query) => query.top.map(({ id }) => id))));
  const differences = topics.map((set) => {
    return encoder ? largestDifferences(cells.filter((cell) => cell.topics === set.topics.name)) : [];
  });
  const explained = new Set(differences.flat().flatMap(({ passages }) => passages));
  const texts = new Map<string, string>();
  const excerpts: [string, string][] = [];
  let passages = 0;
  for (const passage of dataset.passages()) {
    passages++;
    if (!shown.has(passage.id)) continue;
    const text = passageText(passage);
    excerpts.push([passage.id, excerpt(text)]);
    if (explained.has(passage.id)) texts.set(passage.id, text);
  }
  const records = await Array.fromAsync(topics, async ({ topics: { name, ignoreIdenticalIds }, hash, queries }, t) => {
    const queryTexts = new Map(queries.map(({ id, text }) => [id, text]));
    const known = { queries: queryTexts, passages: texts };
    return {
      name,
      qrels_hash: hash,
      ignore_identical_ids: ignoreIdenticalIds ?? false,
      query_texts: Object.fromEntries(queryTexts),
      explanations: encoder ? await explainDifferences(differences[t], known, encoder) : [],
    };
  });
  return {
    ...identify(dataset),
    passages,
    embeddings: embeddings && {
      tokens: embeddings.tokens,
      dim: embeddings.dim,
      encoded_passages: embeddings.encoded_passages,
      encode_seconds: embeddings.seconds,
      flops: embeddings.macs && timesMacs(embeddings.macs, 2),
    },
    topics: records,
    passage_texts: Object.fromEntries(excerpts),
  };
}

function identify(dataset: Dataset): Pick<DatasetRecord, "name" | "title" | "licence" | "collection_hash" | "sample"> {
  const { name, title, licence, sample = null } = dataset;
  return { name, title, licence, collection_hash: dataset.contentHash(), sample };
}

/** The same while its cells are being measured: without passages, which have to be looked for in the whole collection. */
export function describeBriefly(dataset: Dataset, topics: readonly LoadedTopics[]): DatasetRecord {
  return {
    ...identify(dataset),
    passages: 0,
    embeddings: null,
    topics: topics.map(({ topics: { name, ignoreIdenticalIds }, hash, queries }) => ({
      name,
      qrels_hash: hash,
      ignore_identical_ids: ignoreIdenticalIds ?? false,
      query_texts: Object.fromEntries(queries.map(({ id, text }) => [id, text])),
      explanations: [],
    })),
    passage_texts: {},
  };
}

function excerpt(text: string): string {
  return text.length > EXCERPT ? `${text.slice(0, EXCERPT - 1)}…` : text;
}
