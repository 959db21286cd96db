import { z } from "zod";

/** Positions of a text; no encoder has more. */
const maxlen = z.int().min(4).max(65_536);
const id = z.int().min(0).max(2 ** 31 - 1);
const width = z.int().positive().max(65_536);

/** What decides about an encoder's vectors, apart from its files. ColBERT's names; ids are of the model's own vocabulary. */
export const encoderConfig = z.strictObject({
  name: z.string().describe("name for tables, e.g. colbertv2.0"),
  tokenisation: z.enum(["v1", "v2"]).describe(
    "v1 replaces the first word piece of '. ' + text by the marker, v2 inserts the marker after [CLS]",
  ),
  query_marker_id: id.nullable().describe("[Q]; null: the model knows no query marker"),
  doc_marker_id: id.nullable().describe("[D]; null: the model knows no passage marker"),
  query_maxlen: maxlen.describe("positions of a query, special tokens included"),
  doc_maxlen: maxlen.describe("positions of a passage, special tokens included"),
  mask_augmentation: z.boolean().describe(
    "queries are filled up with [MASK] to query_maxlen, and these rows are scored",
  ),
  augment_to: maxlen.nullable().default(null).describe(
    "positions that shorter queries are filled up to; longer ones, up to query_maxlen, get no [MASK]; null: query_maxlen",
  ),
  attend_to_mask_tokens: z.boolean().describe("other positions attend to the [MASK] positions"),
  skiplist: z.array(id).describe("ids whose rows are dropped from passages (punctuation)"),
  drop_skiplist_tokens: z.boolean().default(false).describe(
    "the ids of the skip list are taken out of passages before these are encoded, as Vespa does, not after",
  ),
  cls_id: id,
  sep_id: id,
  mask_id: id,
  pad_id: id,
  dim: width.describe("columns of a vector"),
  shorter_dims: z.array(width).default([]).describe(
    "numbers of leading columns that can be used alone, with unit length again (Matryoshka)",
  ),
  pool_factor: z.int().min(2).max(65_536).optional().describe(
    "passages keep one row in so many, means of clusters; absent: all rows",
  ),
  similarity: z.enum(["cosine", "l2"]),
  architecture: z.strictObject({ layers: z.int(), hidden: z.int(), intermediate: z.int() }).nullable()
    .describe("of the transformer, for counting FLOPs; null where config.json does not tell"),
});

/** See {@link encoderConfig}. */
export type EncoderConfig = z.infer<typeof encoderConfig>;
