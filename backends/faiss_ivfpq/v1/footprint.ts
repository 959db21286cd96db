/** A row of SIGIR'20's Table 4: how vectors are kept. */
export interface V1Vectors {
  readonly dim: number;
  readonly bytesPerDimension: number;
  /** End to end, each vector also has its code of so many bytes, and its passage's number (`emb2pid`, int32). */
  readonly m?: number;
}

/** Bytes of `emb2pid`, a vector. */
const PASSAGE_NUMBER = 4;

/**
 * Bytes that a ColBERT v1 index of so many vectors takes: what Table 4 of SIGIR'20 tells for MS MARCO, without FAISS's ids (8 bytes a
 * vector), centroids and codebooks.
 */
export function v1IndexBytes(vectors: number, { dim, bytesPerDimension, m }: V1Vectors): number {
  return vectors * (dim * bytesPerDimension + (m === undefined ? 0 : m + PASSAGE_NUMBER));
}
