import { Tokenizer } from "@huggingface/tokenizers";
import { badInput } from "../support/errors.ts";
import { readText } from "../support/lines.ts";
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
 * @throws {LatebenchError} where the file is no tokenizer
 */
export function readVocabulary(file: string): Vocabulary {
  let tokenizer: Tokenizer;
  try {
    tokenizer = new Tokenizer(JSON.parse(readText(file)), {});
  } catch (error) {
    if (error instanceof Error && error.name === "LatebenchError") throw error;
    throw badInput(file, `a file that is no tokenizer (${(error as Error).message})`, "a tokenizer.json");
  }
  const frame = tokenizer.encode("").ids;
  if (frame.length !== 2) {
    throw badInput(file, `${frame.length} special tokens around a text`, "one before and one after");
  }
  return {
    wordPieces: (text) => tokenizer.encode(text, { add_special_tokens: false }).ids,
    id: (token) => tokenizer.token_to_id(token),
    token: (id) => tokenizer.id_to_token(id) ?? `#${id}`,
    start: frame[0],
    end: frame[1],
  };
}
