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
