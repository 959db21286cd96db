import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { badInput } from "../support/errors.ts";
import { checkShape, readJson } from "../support/json.ts";
import { isFile, isFolder } from "../support/paths.ts";
import { type Guard, UNGUARDED } from "../support/watchdog.ts";
import { type EncoderConfig, encoderConfig } from "./config.ts";
import { readVocabulary, type Vocabulary } from "./word_pieces.ts";

/** The files of one encoder, and what they say about it. */
export interface ModelFolder {
  readonly modelFile: string;
  readonly tokenizerFile: string;
  readonly config: EncoderConfig;
  readonly vocabulary: Vocabulary;
}

/** Where exporters put the graph, in order of preference: those with the projection inside come first. */
export const MODEL_FILES = [
  "model.onnx",
  "vespa_colbert.onnx",
  "model_int8.onnx",
  "onnx/model.onnx",
  "onnx/model_quantized.onnx",
];

/** Configuration files, in order of preference, with what reads each. */
export const CONFIG_FILES: Readonly<Record<string, (json: unknown, source: Source) => EncoderConfig>> = {
  "encoder.json": readOwn,
  "artifact.metadata": readStanford,
  "onnx_config.json": readNextPlaid,
  "config_sentence_transformers.json": readPylate,
};

/** Python's `string.punctuation`. */
const PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
const EXPECTED = "an encoder configuration";

/** What foreign configurations do not tell: special ids are looked up, latebench's own settings are off. */
type Defaults = Pick<
  EncoderConfig,
  | "cls_id"
  | "sep_id"
  | "mask_id"
  | "pad_id"
  | "architecture"
  | "augment_to"
  | "drop_skiplist_tokens"
  | "shorter_dims"
>;

interface Source {
  readonly file: string;
  readonly name: string;
  readonly vocabulary: Vocabulary;
  readonly defaults: Defaults;
}

/**
 * Looks into a local encoder folder: `tokenizer.json`, an ONNX file, and one of `encoder.json` (latebench), `artifact.metadata`
 * (Stanford), `onnx_config.json` (next-plaid), `config_sentence_transformers.json` (PyLate).
 *
 * @param path the folder, or one ONNX file inside it where it has several
 * @param guard watches over every call of the tokenizer
 * @throws {LatebenchError} naming what is missing or wrong
 */
export function readModelFolder(path: string, guard: Guard = UNGUARDED): ModelFolder {
  const folder = isFolder(path) ? path : dirname(path);
  if (!isFolder(folder) || (folder !== path && !isFile(path))) {
    throw badInput(path, "no such file or folder", "an encoder");
  }
  const modelFile = folder === path ? findModel(folder) : path;
  const tokenizerFile = join(folder, "tokenizer.json");
  const vocabulary = readVocabulary(tokenizerFile, guard);
  const name = Object.keys(CONFIG_FILES).find((candidate) => isFile(join(folder, candidate)));
  if (!name) throw badInput(folder, "no configuration", `one of ${Object.keys(CONFIG_FILES).join(", ")}`);
  const file = join(folder, name);
  const source: Source = { file, name: basename(folder), vocabulary, defaults: defaults(vocabulary, folder) };
  return {
    modelFile,
    tokenizerFile,
    vocabulary,
    config: CONFIG_FILES[name](readJson(file, z.unknown(), EXPECTED), source),
  };
}

function findModel(folder: string): string {
  const found = MODEL_FILES.find((name) => isFile(join(folder, name)));
  if (!found) throw badInput(folder, "no model file", `one of ${MODEL_FILES.join(", ")}`);
  return join(folder, found);
}

function defaults(vocabulary: Vocabulary, folder: string): Defaults {
  const { start: cls_id, end: sep_id } = vocabulary;
  const pad_id = vocabulary.id("[PAD]") ?? vocabulary.id("<pad>") ?? 0;
  const mask_id = vocabulary.id("[MASK]") ?? vocabulary.id("<mask>") ?? pad_id;
  const architecture = readArchitecture(join(folder, "config.json"));
  const own = { augment_to: null, drop_skiplist_tokens: false, shorter_dims: [] };
  return { cls_id, sep_id, mask_id, pad_id, architecture, ...own };
}

function readArchitecture(file: string): EncoderConfig["architecture"] {
  if (!isFile(file)) return null;
  const shape = z.object({ num_hidden_layers: z.int(), hidden_size: z.int(), intermediate_size: z.int() });
  const parsed = shape.safeParse(readJson(file, z.unknown(), "a model's config.json"));
  if (!parsed.success) return null;
  const { num_hidden_layers: layers, hidden_size: hidden, intermediate_size: intermediate } = parsed.data;
  return { layers, hidden, intermediate };
}

function readOwn(json: unknown, source: Source): EncoderConfig {
  return check(encoderConfig, json, source);
}

/** Stanford's checkpoints: a flat dump of ColBERTConfig. All of them insert the marker (v2 tokenisation). */
function readStanford(json: unknown, source: Source): EncoderConfig {
  const metadata = check(
    z.object({
      query_token_id: z.string().default("[unused0]"),
      doc_token_id: z.string().default("[unused1]"),
      query_maxlen: z.int().default(32),
      doc_maxlen: z.int().default(220),
      attend_to_mask_tokens: z.boolean().default(false),
      mask_punctuation: z.boolean().default(true),
      similarity: z.enum(["cosine", "l2"]).default("cosine"),
      dim: z.int().default(128),
    }),
    json,
    source,
  );
  return checkOwn({
    ...source.defaults,
    name: source.name,
    tokenisation: "v2",
    query_marker_id: markerId(metadata.query_token_id, source),
    doc_marker_id: markerId(metadata.doc_token_id, source),
    query_maxlen: metadata.query_maxlen,
    doc_maxlen: metadata.doc_maxlen,
    mask_augmentation: true,
    attend_to_mask_tokens: metadata.attend_to_mask_tokens,
    skiplist: metadata.mask_punctuation ? punctuationIds(source.vocabulary) : [],
    dim: metadata.dim,
    similarity: metadata.similarity,
  }, source);
}

/** next-plaid's exports. Its runtime gives expansion tokens attention whatever the file says; latebench does as the file says. */
function readNextPlaid(json: unknown, source: Source): EncoderConfig {
  const config = check(
    z.object({
      model_name: z.string().optional(),
      query_prefix: z.string().default(""),
      document_prefix: z.string().default(""),
      query_prefix_id: z.int().nullish(),
      document_prefix_id: z.int().nullish(),
      query_length: z.int(),
      document_length: z.int(),
      do_query_expansion: z.boolean(),
      attend_to_expansion_tokens: z.boolean().default(false),
      skiplist_words: z.array(z.string()).default([]),
      embedding_dim: z.int(),
      mask_token_id: z.int().optional(),
      pad_token_id: z.int().optional(),
    }),
    json,
    source,
  );
  return checkOwn({
    ...source.defaults,
    name: config.model_name ?? source.name,
    tokenisation: "v2",
    query_marker_id: config.query_prefix_id ?? prefixId(config.query_prefix, source),
    doc_marker_id: config.document_prefix_id ?? prefixId(config.document_prefix, source),
    query_maxlen: config.query_length,
    doc_maxlen: config.document_length,
    mask_augmentation: config.do_query_expansion,
    attend_to_mask_tokens: config.attend_to_expansion_tokens,
    skiplist: tokenIds(config.skiplist_words, source.vocabulary),
    mask_id: config.mask_token_id ?? source.defaults.mask_id,
    pad_id: config.pad_token_id ?? source.defaults.pad_id,
    dim: config.embedding_dim,
    similarity: "cosine",
  }, source);
}

/** PyLate's models; the output size stands in `1_Dense/config.json`. */
function readPylate(json: unknown, source: Source): EncoderConfig {
  const config = check(
    z.object({
      query_prefix: z.string().default("[Q] "),
      document_prefix: z.string().default("[D] "),
      query_length: z.int().default(32),
      document_length: z.int().default(180),
      do_query_expansion: z.boolean().default(true),
      attend_to_expansion_tokens: z.boolean().default(false),
      skiplist_words: z.array(z.string()).default([...PUNCTUATION]),
    }),
    json,
    source,
  );
  const dense = join(dirname(source.file), "1_Dense", "config.json");
  const size = readJson(dense, z.object({ out_features: z.int() }), EXPECTED);
  return checkOwn({
    ...source.defaults,
    name: source.name,
    tokenisation: "v2",
    query_marker_id: prefixId(config.query_prefix, source),
    doc_marker_id: prefixId(config.document_prefix, source),
    query_maxlen: config.query_length,
    doc_maxlen: config.document_length,
    mask_augmentation: config.do_query_expansion,
    attend_to_mask_tokens: config.attend_to_expansion_tokens,
    skiplist: tokenIds(config.skiplist_words, source.vocabulary),
    dim: size.out_features,
    similarity: "cosine",
  }, source);
}

/**
 * Ids of Python's `string.punctuation` as ColBERT skips them: of each symbol, the first word piece that it is split into.
 */
export function punctuationIds(vocabulary: Vocabulary): number[] {
  return sortedUnique([...PUNCTUATION].flatMap((symbol) => vocabulary.wordPieces(symbol).slice(0, 1)));
}

function tokenIds(words: readonly string[], vocabulary: Vocabulary): number[] {
  return sortedUnique(words.flatMap((word) => vocabulary.id(word) ?? []));
}

function sortedUnique(ids: readonly number[]): number[] {
  return [...new Set(ids)].sort((a, b) => a - b);
}

function markerId(token: string, source: Source): number {
  const id = source.vocabulary.id(token);
  if (id === undefined) throw badInput(source.file, `marker ${token}`, "a token of the vocabulary");
  return id;
}

/** An empty prefix means that the model has no marker. PyLate's prefixes end in a blank, which is part of the token. */
function prefixId(prefix: string, source: Source): number | null {
  return prefix === "" ? null : markerId(prefix, source);
}

/** Foreign configurations become latebench's own, and have to keep its bounds. */
function checkOwn(config: EncoderConfig, source: Source): EncoderConfig {
  return check(encoderConfig, config, source);
}

function check<T extends z.ZodType>(schema: T, json: unknown, { file }: Pick<Source, "file">): z.output<T> {
  return checkShape(json, schema, file, EXPECTED);
}
