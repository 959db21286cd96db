import { Tokenizer, TokenType } from "@streamparser/json";
import { readTextPieces } from "../../support/decompress.ts";
import { badInput, type InputPlace, LatebenchError, quote } from "../../support/errors.ts";
import { checkId } from "../ids.ts";

/** One number of a two-level JSON object; without `pid`, the beginning of a query, which may have none. */
export type JsonCell =
  & {
    readonly qid: string;
    /** Where it stands. */
    readonly byte: number;
  }
  & ({ readonly pid: string; readonly value: number } | { readonly pid?: undefined; readonly value?: undefined });

/**
 * Streams `{"qid": {"pid": number, …}, …}`, the form in which pytrec_eval and ranx keep runs and judgements, in the file's order. The
 * grammar is JSON's own, to the letter; numbers may be beyond the range of float64, and then are infinite.
 *
 * @throws {LatebenchError} with the byte for anything else, for an id that is none, and for a query that is there twice. Passages that are
 *   there twice come twice
 */
export function* readJsonTable(file: string): Generator<JsonCell> {
  let cells: JsonCell[] = [];
  const take = tableTaker(file, (cell) => void cells.push(cell));
  const tokenizer = new Tokenizer();
  tokenizer.onToken = ({ token, value, offset }) => take.token(token, value, offset);
  tokenizer.onError = (error) => {
    throw error instanceof LatebenchError
      ? error
      : badInput(file, `broken JSON (${error.message.replace(/\s+/g, " ")})`, EXPECTED);
  };
  for (const piece of readTextPieces(file)) {
    tokenizer.write(piece);
    yield* cells;
    cells = [];
  }
  if (!take.done()) throw badInput(file, "JSON that ends too early", EXPECTED);
  if (!tokenizer.isEnded) tokenizer.end(); // a number at the very end shows only now
}

const EXPECTED = '{"qid": {"pid": number}}';

/** What may come next. */
type Next = "object" | "name or end" | "name" | "colon" | "value" | "comma or end" | "nothing";

/** The state of the table while its tokens come in. */
function tableTaker(file: string, emit: (cell: JsonCell) => void) {
  let depth = 0;
  let next: Next = "object";
  let qid = "";
  let name = "";
  const queries = new Set<string>();
  const open = (place: InputPlace) => {
    depth++;
    next = "name or end";
    if (depth < 2) return;
    if (queries.has(name)) throw badInput(place, `query ${quote(name)} twice`, "each query once");
    queries.add(qid = name);
    emit({ qid, byte: place.byte! });
  };
  const token = (token: TokenType, value: unknown, byte: number) => {
    const place = { file, byte };
    if (token === TokenType.LEFT_BRACE && (next === "object" || (next === "value" && depth === 1))) open(place);
    else if (token === TokenType.RIGHT_BRACE && (next === "name or end" || next === "comma or end")) {
      depth--;
      next = depth === 0 ? "nothing" : "comma or end";
    } else if (token === TokenType.STRING && (next === "name" || next === "name or end")) {
      name = checkName(String(value), place);
      next = "colon";
    } else if (token === TokenType.COLON && next === "colon") next = "value";
    else if (token === TokenType.COMMA && next === "comma or end") next = "name";
    else if (token === TokenType.NUMBER && next === "value" && depth === 2) {
      emit({ qid, pid: name, value: Number(value), byte });
      next = "comma or end";
    } else throw badInput(place, `${quote(String(value))} where JSON has ${next} next`, EXPECTED);
  };
  return { token, done: () => next === "nothing" };
}

/** The tokenizer puts U+FFFD for bytes that are no UTF-8 and for halves of surrogate pairs: ids that differ would be one. */
function checkName(name: string, place: InputPlace): string {
  if (name.includes("\ufffd")) {
    throw badInput(place, `invalid UTF-8 or half a surrogate pair in ${quote(name)}`, "UTF-8 text");
  }
  return checkId(name, place);
}

/** Whether a file, unpacked, begins like a JSON object. */
export function startsWithBrace(file: string): boolean {
  for (const piece of readTextPieces(file)) {
    for (const byte of piece) if (byte > 0x20) return byte === 0x7b;
  }
  return false;
}
