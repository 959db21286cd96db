import type { EncoderConfig } from "./config.ts";

/** Text to word-piece ids, without special tokens. */
export type WordPieces = (text: string) => readonly number[];

/** One tokenised text. All three have the same length. */
export interface TokenisedText {
  readonly ids: readonly number[];
  /** 1 where other positions attend to this one, else 0. */
  readonly attention: readonly number[];
  /** Whether the position's vector is scored. */
  readonly keep: readonly boolean[];
}

/**
 * Tokenises a query: `[CLS] [Q] pieces [SEP] [MASK]…` (ColBERT v1 and v2, `query_tokenization.py`). Every position is scored,
 * `[MASK]` included, although the other positions do not attend to it unless the configuration says so. With a marker, 29
 * pieces fit into 32 positions.
 */
export function tokeniseQuery(text: string, config: EncoderConfig, wordPieces: WordPieces): TokenisedText {
  const ids = withSpecialTokens(text, config, wordPieces, config.query_marker_id, config.query_maxlen);
  const attention = ids.map(() => 1);
  while (config.mask_augmentation && ids.length < (config.augment_to ?? config.query_maxlen)) {
    ids.push(config.mask_id);
    attention.push(config.attend_to_mask_tokens ? 1 : 0);
  }
  return { ids, attention, keep: ids.map(() => true) };
}

/**
 * Tokenises a passage: `[CLS] [D] pieces [SEP]`. Positions of the skip list are encoded and attended to, but their vectors are
 * dropped (ColBERT v1 and v2, `doc_tokenization.py`), or taken out before the passage is cut to length (Vespa,
 * `ColBertEmbedder.java`); `[CLS]`, `[D]` and `[SEP]` are kept.
 */
export function tokenisePassage(text: string, config: EncoderConfig, wordPieces: WordPieces): TokenisedText {
  const skip = new Set(config.skiplist);
  const pieces: WordPieces = config.drop_skiplist_tokens
    ? (text) => wordPieces(text).filter((id) => !skip.has(id))
    : wordPieces;
  const ids = withSpecialTokens(text, config, pieces, config.doc_marker_id, config.doc_maxlen);
  return { ids, attention: ids.map(() => 1), keep: ids.map((id) => !skip.has(id) && id !== config.pad_id) };
}

function withSpecialTokens(
  text: string,
  config: EncoderConfig,
  wordPieces: WordPieces,
  marker: number | null,
  maxlen: number,
): number[] {
  const { cls_id, sep_id } = config;
  if (marker === null) return [cls_id, ...wordPieces(text).slice(0, maxlen - 2), sep_id];
  if (config.tokenisation === "v2") return [cls_id, marker, ...wordPieces(text).slice(0, maxlen - 3), sep_id];
  const ids = [cls_id, ...wordPieces(`. ${text}`).slice(0, maxlen - 2), sep_id];
  ids[1] = marker;
  return ids;
}
