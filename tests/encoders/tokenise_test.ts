import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { EncoderConfig } from "../../encoders/config.ts";
import { punctuationIds } from "../../encoders/model_folder.ts";
import { tokenisePassage, tokeniseQuery } from "../../encoders/tokenise.ts";
import { readVocabulary } from "../../encoders/word_pieces.ts";
import { fromFileUrl } from "../../support/paths.ts";

const vocabulary = readVocabulary(
  fromFileUrl(new URL("../../encoders/models/builtin/tokenizer.json", import.meta.url)),
);

/** ColBERTv2 over bert-base-uncased's vocabulary. */
const V2: EncoderConfig = {
  name: "v2",
  tokenisation: "v2",
  query_marker_id: 1,
  doc_marker_id: 2,
  query_maxlen: 32,
  doc_maxlen: 220,
  mask_augmentation: true,
  augment_to: null,
  attend_to_mask_tokens: false,
  skiplist: punctuationIds(vocabulary),
  drop_skiplist_tokens: false,
  cls_id: 101,
  sep_id: 102,
  mask_id: 103,
  pad_id: 0,
  dim: 128,
  shorter_dims: [],
  similarity: "cosine",
  architecture: null,
};
const V1: EncoderConfig = { ...V2, tokenisation: "v1", doc_maxlen: 180 };

const QUESTION = [2054, 2003, 2397, 8290, 1029]; // what is late interaction ?

/** Word pieces that the Rust tokenizer gives for bert-base-uncased. */
const GOLDEN: readonly (readonly [string, readonly number[]])[] = [
  ["what is late interaction?", QUESTION],
  [". what is late interaction?", [1012, ...QUESTION]],
  [
    "Café naïve façade — “quotes” 東京 2.5% co-op's",
    [7668, 15743, 8508, 1517, 1523, 16614, 1524, 1879, 1755, 1016, 1012, 1019, 1003, 2522, 1011, 6728, 1005, 1055],
  ],
  ["", []],
  ["x".repeat(120) + " y", [100, 1061]],
  ["\u00a0tabs\tand\nlines\u200b", [21628, 2015, 1998, 3210]],
  ["don't U.S. 1,000", [2123, 1005, 1056, 1057, 1012, 1055, 1012, 1015, 1010, 2199]],
];

for (const [text, ids] of GOLDEN) {
  Deno.test(`word pieces of ${JSON.stringify(text.slice(0, 30))} equal the Rust tokenizer's`, () => {
    deepStrictEqual(vocabulary.wordPieces(text), ids);
  });
}

for (const [name, config] of [["v1", V1], ["v2", V2]] as const) {
  Deno.test(`${name} query: marker at position 1, [MASK] to 32 with attention 0, every row scored`, () => {
    const { ids, attention, keep } = tokeniseQuery("what is late interaction?", config, vocabulary.wordPieces);
    deepStrictEqual(ids, [101, 1, ...QUESTION, 102, ...Array(24).fill(103)]);
    deepStrictEqual(attention, [...Array(8).fill(1), ...Array(24).fill(0)]);
    deepStrictEqual(keep, Array(32).fill(true));
  });

  Deno.test(`${name} query: 29 word pieces fit into 32 positions`, () => {
    const { ids } = tokeniseQuery("interaction ".repeat(60), config, vocabulary.wordPieces);
    deepStrictEqual(ids, [101, 1, ...Array(29).fill(8290), 102]);
  });

  Deno.test(`${name} passage: marker 2, punctuation encoded but dropped, CLS and SEP kept`, () => {
    const { ids, attention, keep } = tokenisePassage("what is late interaction?", config, vocabulary.wordPieces);
    deepStrictEqual(ids, [101, 2, ...QUESTION, 102]);
    deepStrictEqual(attention, Array(8).fill(1));
    deepStrictEqual(keep, [true, true, true, true, true, true, false, true]);
  });

  Deno.test(`${name} passage: cut to doc_maxlen, special tokens included`, () => {
    const { ids } = tokenisePassage("interaction ".repeat(400), config, vocabulary.wordPieces);
    strictEqual(ids.length, config.doc_maxlen);
    strictEqual(ids.at(-1), 102);
  });
}

Deno.test("attend_to_mask_tokens gives the [MASK] positions attention", () => {
  const { attention } = tokeniseQuery("why", { ...V2, attend_to_mask_tokens: true }, vocabulary.wordPieces);
  deepStrictEqual(attention, Array(32).fill(1));
});

Deno.test("augment_to fills short queries only that far, and leaves longer ones room", () => {
  const config = { ...V2, query_maxlen: 64, augment_to: 32 };
  const short = tokeniseQuery("why", config, vocabulary.wordPieces);
  deepStrictEqual(short.ids, [101, 1, 2339, 102, ...Array(28).fill(103)]);
  const long = tokeniseQuery("interaction ".repeat(40), config, vocabulary.wordPieces);
  deepStrictEqual(long.ids, [101, 1, ...Array(40).fill(8290), 102]);
  deepStrictEqual(long.attention, Array(43).fill(1));
  strictEqual(tokeniseQuery("interaction ".repeat(90), config, vocabulary.wordPieces).ids.length, 64);
});

Deno.test("a model without markers and augmentation gets neither", () => {
  const plain = { ...V2, query_marker_id: null, doc_marker_id: null, mask_augmentation: false };
  deepStrictEqual(tokeniseQuery("what is late interaction?", plain, vocabulary.wordPieces).ids, [
    101,
    ...QUESTION,
    102,
  ]);
  deepStrictEqual(tokeniseQuery("", plain, vocabulary.wordPieces).ids, [101, 102]);
});

Deno.test("the skip list holds the 32 punctuation symbols of bert-base-uncased", () => {
  const ranges = [[999, 1013], [1024, 1036], [1063, 1066]];
  const expected = ranges.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i));
  deepStrictEqual(punctuationIds(vocabulary), expected);
});
