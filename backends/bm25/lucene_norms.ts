/**
 * Lucene keeps the length of a passage in one byte (`SmallFloat.intToByte4`): exact below 40, then with four significant bits.
 * BM25 scores depend on it, so the same loss is made here.
 */
export function lengthToByte(length: number): number {
  return length < FREE ? length : FREE + toInt4(length - FREE);
}

/** The length that a byte stands for. */
export function byteToLength(byte: number): number {
  return byte < FREE ? byte : FREE + fromInt4(byte - FREE);
}

/** Bytes that the four-bit code does not need (`255 - longToInt4(2^31 - 1)`): lengths below are kept exactly. */
const FREE = 24;

function toInt4(value: number): number {
  const bits = 32 - Math.clz32(value);
  if (bits < 4) return value;
  const shift = bits - 4;
  return ((value >>> shift) & 7) | ((shift + 1) << 3);
}

function fromInt4(code: number): number {
  const shift = (code >>> 3) - 1;
  return shift < 0 ? code & 7 : ((code & 7) | 8) * 2 ** shift;
}
