/** Reads `length` bytes from `from`; bytes past the end of the file are 0. */
export function readAt(handle: Deno.FsFile, from: number, length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  handle.seekSync(from, Deno.SeekMode.Start);
  for (let at = 0; at < length;) at += handle.readSync(bytes.subarray(at)) ?? length;
  return bytes;
}
