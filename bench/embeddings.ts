import { openDataset } from "../datasets/open.ts";
import { embeddingsFolder, encodeCollection } from "../encoders/embeddings/encode_collection.ts";
import { type Embeddings, readEmbeddings } from "../encoders/embeddings/read.ts";
import type { Encoder } from "../encoders/encoder.ts";

/** The embeddings of a data set, encoded where the store has none. */
export async function embeddingsOf(dataset: string, encoder: Encoder, store: string): Promise<Embeddings> {
  const source = openDataset(dataset);
  const folder = embeddingsFolder(store, source, encoder);
  await encodeCollection(source, encoder, folder, { quiet: false });
  return readEmbeddings(folder);
}

/** The first tenth of a collection's shards. */
export function firstTenth(embeddings: Embeddings): Embeddings {
  const shards = embeddings.shards.slice(0, Math.ceil(embeddings.shards.length / 10));
  const passages = shards.reduce((sum, shard) => sum + shard.passages, 0);
  const tokens = shards.reduce((sum, shard) => sum + shard.tokens, 0);
  return {
    ...embeddings,
    header: { ...embeddings.header, passages, tokens },
    ids: embeddings.ids.slice(0, passages),
    lengths: embeddings.lengths.slice(0, passages),
    shards,
  };
}
