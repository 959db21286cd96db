/** Centroid numbers of tokens in `bytes` bytes each, little endian. */
export function packCodes(codes: Int32Array, bytes: number): Uint8Array {
  const packed = new Uint8Array(codes.length * bytes);
  codes.forEach((code, i) => {
    for (let byte = 0; byte < bytes; byte++) packed[i * bytes + byte] = code >>> (8 * byte);
  });
  return packed;
}

/** The centroid of a token. */
export function codeAt(codes: Uint8Array, bytes: number, token: number): number {
  let code = 0;
  for (let byte = bytes - 1; byte >= 0; byte--) code = code * 256 + codes[token * bytes + byte];
  return code;
}

/** All centroid numbers of packed codes. */
export function unpackCodes(packed: Uint8Array, bytes: number): Int32Array<ArrayBuffer> {
  return Int32Array.from({ length: packed.length / bytes }, (_, token) => codeAt(packed, bytes, token));
}
