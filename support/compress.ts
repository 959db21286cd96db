import { zstdCompressSync } from "node:zlib";
import { Gzip } from "fflate";
import { type AtomicFile, openAtomic } from "./atomic_write.ts";

/** Bytes that are packed together: each makes a frame of its own (zstd) or is a step of the same stream (gzip). */
const PIECE = 4 << 20;

/**
 * Opens a file for atomic writing and packs what is written, as its name wants it: `.gz` (gzip, without name and time, so that the
 * same content gives the same bytes), `.zst` (zstd frames), or plain. `length` counts the bytes before packing.
 */
export function openPacked(path: string): AtomicFile {
  const file = openAtomic(path);
  const pack = packerFor(path, file);
  if (!pack) return file;
  let pending: Uint8Array[] = [];
  let size = 0;
  let length = 0;
  const flush = (final: boolean) => {
    const piece = new Uint8Array(size);
    let at = 0;
    for (const part of pending) {
      piece.set(part, at);
      at += part.length;
    }
    pending = [];
    size = 0;
    pack(piece, final);
  };
  return {
    get length() {
      return length;
    },
    write(bytes) {
      pending.push(bytes.slice());
      size += bytes.length;
      length += bytes.length;
      if (size >= PIECE) flush(false);
    },
    commit() {
      flush(true);
      file.commit();
    },
    [Symbol.dispose]: () => file[Symbol.dispose](),
  };
}

function packerFor(path: string, file: AtomicFile): ((piece: Uint8Array, final: boolean) => void) | undefined {
  if (path.endsWith(".zst")) return (piece) => file.write(zstdCompressSync(piece));
  if (!path.endsWith(".gz")) return undefined;
  const stream = new Gzip({ mtime: 0 }, (data) => file.write(data));
  return (piece, final) => stream.push(piece, final);
}
