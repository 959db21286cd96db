import { cString, withLibc } from "./libc.ts";

/** Flags of Linux's `open`. */
const READ_ONLY = 0;
const WRITE_ONLY = 1;

/** Bytes that are read at once; system files have no length of their own. */
const CHUNK = 1 << 16;

/** Text of a file of `/proc` or `/sys`; null where it cannot be read. */
export function readSystemFile(path: string): string | null {
  return withLibc((libc) => {
    const file = libc.open(cString(path), READ_ONLY);
    if (file < 0) return null;
    const decoder = new TextDecoder();
    const chunk = new Uint8Array(CHUNK);
    let text = "";
    for (;;) {
      const bytes = Number(libc.read(file, chunk, BigInt(CHUNK)));
      if (bytes <= 0) {
        libc.close(file);
        return bytes < 0 ? null : text + decoder.decode();
      }
      text += decoder.decode(chunk.subarray(0, bytes), { stream: true });
    }
  });
}

/** Writes to a file of `/proc`; whether that worked. */
export function writeSystemFile(path: string, text: string): boolean {
  return withLibc((libc) => {
    const file = libc.open(cString(path), WRITE_ONLY);
    if (file < 0) return false;
    const bytes = new TextEncoder().encode(text);
    const written = Number(libc.write(file, bytes, BigInt(bytes.length)));
    libc.close(file);
    return written === bytes.length;
  }) ?? false;
}

/** The number in a line `NAME: NUMBER` of a system file; null where there is none. */
export function numberOf(text: string | null, name: string): number | null {
  const found = text?.match(new RegExp(`^${name}:?\\s+(\\d+)`, "m"));
  return found ? Number(found[1]) : null;
}
