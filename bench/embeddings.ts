import { openDataset } from "../datasets/open.ts";
import { embeddingsFolder, encodeCollection } from "../encoders/embeddings/encode_collection.ts";
import { type Embeddings, readEmbeddings } from "../encoders/embeddings/read.ts";
import type { KMeansPool } from "../kernels/k_means/pool.ts";
import type { Encoder } from "../encoders/encoder.ts";

/** The embeddings of a data set, encoded where the store has none. */
export async function embeddingsOf(dataset: string, encoder: Encoder, store: string): Promise<Embeddings> {
  const source = openDataset(dataset);
  const folder = embeddingsFolder(store, source, encoder);
  await encodeCollection(source, encoder, folder, { quiet: false });
  return readEmbeddings(folder);
}

/** All vectors of a collection in memory that a pool's workers share, fp16 `[tokens, dim]`. */
export function loadRows({ shards, header: { dim, tokens } }: Embeddings, pool: KMeansPool): Uint16Array {
  const bytes = pool.allocate(2 * tokens * dim);
  let at = 0;
  for (const { file } of shards) {
    const own = Deno.readFileSync(file);
    bytes.set(own, at);
    at += own.length;
  }
  return new Uint16Array(bytes.buffer, bytes.byteOffset, tokens * dim);
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
