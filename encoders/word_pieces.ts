import { Tokenizer } from "@huggingface/tokenizers";
import { badInput, quote } from "../support/errors.ts";
import { readText } from "../support/lines.ts";
import { type Guard, UNGUARDED } from "../support/watchdog.ts";
import type { WordPieces } from "./tokenise.ts";

/** A model's tokenizer. */
export interface Vocabulary {
  readonly wordPieces: WordPieces;
  /** The id of a token, if it is in the vocabulary. */
  id(token: string): number | undefined;
  /** The token of an id. */
  token(id: number): string;
  /** Ids that the tokenizer itself puts before and after a text: `[CLS]` and `[SEP]`. */
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a `tokenizer.json`. Truncation and padding settings in it are ignored: the encoder does both itself.
 *
 * @param guard watches over every call: patterns of a tokenizer may not end
 * @throws {LatebenchError} where the file is no tokenizer
 */
export function readVocabulary(file: string, guard: Guard = UNGUARDED): Vocabulary {
  let tokenizer: Tokenizer;
  let frame: readonly number[];
  try {
    const json = JSON.parse(readText(file));
    tokenizer = new Tokenizer(json, {});
    frame = guard(() => tokenizer.encode("").ids);
  } catch (error) {
    if (error instanceof Error && error.name === "LatebenchError") throw error;
    throw badInput(file, `a file that is no tokenizer (${reasonOf(error)})`, "a tokenizer.json");
  }
  if (frame.length !== 2) {
    throw badInput(file, `${frame.length} special tokens around a text`, "one before and one after");
  }
  return {
    wordPieces: (text) => guard(() => encode(tokenizer, text, file)),
    id: (token) => tokenizer.token_to_id(token),
    token: (id) => tokenizer.id_to_token(id) ?? `#${id}`,
    start: frame[0],
    end: frame[1],
  };
}

/** @throws {LatebenchError} for a text that it cannot take apart, and for ids that are none (a missing `[UNK]`, for instance) */
function encode(tokenizer: Tokenizer, text: string, file: string): readonly number[] {
  let ids: readonly number[];
  try {
    ids = tokenizer.encode(text, { add_special_tokens: false }).ids;
  } catch (error) {
    throw badInput(file, `a tokenizer that fails at ${quote(text)} (${reasonOf(error)})`, "ids for every text");
  }
  if (ids.every((id) => Number.isInteger(id) && id >= 0 && id <= 0x7fffffff)) return ids;
  throw badInput(file, `a tokenizer without ids for all of ${quote(text)}`, "ids for every text");
}

function reasonOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, " ");
}
