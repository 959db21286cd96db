import { Tokenizer, TokenType } from "@streamparser/json";
import { readPieces } from "../../support/decompress.ts";
import { badInput, LatebenchError, quote } from "../../support/errors.ts";

/** One number of a two-level JSON object. */
export interface JsonCell {
  readonly qid: string;
  readonly pid: string;
  readonly value: number;
  /** Where the number stands. */
  readonly byte: number;
}

/**
 * Streams `{"qid": {"pid": number, …}, …}`, the form in which pytrec_eval and ranx keep runs and judgements: in the file's order, and
 * with every entry, also where a name comes twice.
 *
 * @throws {LatebenchError} with the byte for anything else
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
  for (const piece of readPieces(file)) {
    tokenizer.write(piece);
    yield* cells;
    cells = [];
  }
  if (!take.done()) throw badInput(file, "JSON that ends too early", EXPECTED);
}

const EXPECTED = '{"qid": {"pid": number}}';

/** The state of the table while its tokens come in. */
function tableTaker(file: string, emit: (cell: JsonCell) => void) {
  let depth = 0;
  let qid = "";
  let name: string | null = null;
  let done = false;
  const token = (token: TokenType, value: unknown, byte: number) => {
    const wrong = () => badInput({ file, byte }, quote(String(value)), EXPECTED);
    if (done) throw wrong();
    switch (token) {
      case TokenType.LEFT_BRACE:
        if (depth === 2 || (depth === 1 && name === null)) throw wrong();
        if (depth === 1) qid = name!;
        name = null;
        depth++;
        break;
      case TokenType.RIGHT_BRACE:
        depth--;
        done = depth === 0;
        break;
      case TokenType.STRING:
        if (depth === 0 || name !== null) throw wrong();
        name = String(value);
        break;
      case TokenType.NUMBER:
        if (depth !== 2 || name === null) throw wrong();
        emit({ qid, pid: name, value: Number(value), byte });
        name = null;
        break;
      case TokenType.COLON:
      case TokenType.COMMA:
        break;
      default:
        throw wrong();
    }
  };
  return { token, done: () => done };
}

/** Whether a file, unpacked, begins like a JSON object. */
export function startsWithBrace(file: string): boolean {
  for (const piece of readPieces(file)) {
    for (const byte of piece) if (byte > 0x20) return byte === 0x7b;
  }
  return false;
}
