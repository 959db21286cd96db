import { seededRandom } from "../../../support/random.ts";

/** Tokens that ColBERT takes a passage to have when it decides how many passages to sample. */
const TYPICAL_DOCLEN = 120;

/**
 * Number of centroids: the power of two at or below 16 √tokens (ColBERTv2's `collection_indexer.py`), and no more than can have
 * a row each.
 */
export function partitionsFor(tokens: number, rows: number): number {
  const wanted = 2 ** Math.floor(Math.log2(16 * Math.sqrt(Math.max(tokens, 1))));
  return Math.max(1, Math.min(wanted, 2 ** Math.floor(Math.log2(Math.max(rows, 1)))));
}

/** Passages from which centroids are trained: `min(1 + ⌊16 √(120 N)⌋, N)` of N, drawn without repetition, ascending. */
export function samplePassages(passages: number, seed: number): Int32Array {
  const wanted = Math.min(1 + Math.floor(16 * Math.sqrt(TYPICAL_DOCLEN * passages)), passages);
  const random = seededRandom(seed);
  const chosen = new Int32Array(wanted);
  let size = 0;
  // Selection sampling (Knuth, The Art of Computer Programming 2, 3.4.2 S): every subset is as likely, in order.
  for (let number = 0; size < wanted; number++) {
    if (random() * (passages - number) < wanted - size) chosen[size++] = number;
  }
  return chosen;
}

/** Rows kept back from training, on which the residuals' buckets are fitted: 5 %, at most 50,000, at least one. */
export function heldoutRows(rows: number): number {
  return Math.max(1, Math.min(Math.floor(0.05 * rows), 50_000));
}
