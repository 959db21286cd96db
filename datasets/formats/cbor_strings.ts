import { Token, Tokenizer, Type } from "cborg";

const BYTES = 2;
const TEXT = 3;
/** Up to here a loop over ASCII is faster than a call of the decoder. */
const SHORT = 48;
const STRICT = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * cborg's tokenizer with two differences: a byte string is a view of the data, not a copy (these are most of TREC CAR's items,
 * and copying them most of the time), and text that is no UTF-8 is an error, where cborg puts U+FFFD.
 */
export class StringTokenizer extends Tokenizer {
  override next(): Token {
    const { data, _pos: at } = this;
    const major = data[at] >> 5;
    const minor = data[at] & 31;
    if ((major !== BYTES && major !== TEXT) || minor > 25) return super.next();
    const head = minor < 24 ? 1 : minor - 22;
    const length = minor < 24 ? minor : minor === 24 ? data[at + 1] : (data[at + 1] << 8) | data[at + 2];
    if (!(at + head + length <= data.length)) return super.next(); // which says what is missing
    this._pos += head + length;
    const content = data.subarray(at + head, this._pos);
    if (major === BYTES) return new Token(Type.bytes, content, head + length);
    return new Token(Type.string, decodeText(content), head + length);
  }
}

/** UTF-8 to text. @throws {TypeError} for what is none */
export function decodeText(bytes: Uint8Array): string {
  if (bytes.length >= SHORT) return STRICT.decode(bytes);
  let text = "";
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] > 0x7f) return STRICT.decode(bytes);
    text += String.fromCharCode(bytes[i]);
  }
  return text;
}
