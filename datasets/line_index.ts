import { openAtomic } from "../support/atomic_write.ts";
import { markBytes } from "../support/decompress.ts";
import { badInput, explainIoError } from "../support/errors.ts";
import { readLineBlocks } from "../support/lines.ts";
import { openFile, refuseSpecialFile } from "../support/open_file.ts";
import { isFile } from "../support/paths.ts";
import { readAt } from "../support/read_at.ts";

/** Finds the lines of a text file that may begin with some id, by reading only a few bytes of an index file. */
export interface LineIndex {
  readonly lines: number;
  /** Where the lines are that may hold `id`: every one that does, and rarely another one (hashes are compared). */
  find(id: string): { line: number; from: number; until: number }[];
  [Symbol.dispose](): void;
}

const MAGIC = 0x31_49_4c_4c; // "LLI1", little endian
const HEADER = 32;

/**
 * Opens the line index of `file`, and writes it to `path` first where there is none for the file's size and time.
 *
 * The index file: 32 bytes of header (magic, size and time of `file`, number of lines), for each line, sorted, the 32-bit
 * FNV-1a hash of its id above its number, and in the file's order the byte offset of each line. 16 bytes a line, both in
 * memory while it is made and on disk; opening it reads the header.
 *
 * @param idOf the bytes of a line's id; undefined where it has none
 * @throws {LatebenchError} for a missing or packed file, and a line without an id
 */
export function openLineIndex(
  file: string,
  path: string,
  idOf: (line: Uint8Array) => Uint8Array | undefined,
): LineIndex {
  try {
    refuseSpecialFile(file);
    const { size, mtime } = Deno.statSync(file);
    const state = [size, mtime?.getTime() ?? 0];
    if (!isFile(path) || readHeader(path).join() !== [MAGIC, ...state].join()) write(file, path, idOf, state);
    return open(path);
  } catch (error) {
    throw explainIoError(error, file);
  }
}

function write(file: string, path: string, idOf: (line: Uint8Array) => Uint8Array | undefined, state: number[]): void {
  let keys = new Uint32Array(1 << 16); // pairs of line number and hash
  let offsets = new Float64Array(1 << 15);
  let lines = 0;
  let at = markBytes(file);
  for (const block of readLineBlocks(file)) {
    for (let start = 0; start <= block.length; lines++) {
      const found = block.indexOf(0x0a, start);
      const end = found < 0 ? block.length : found;
      const id = idOf(block.subarray(start, end));
      if (id === undefined) throw badInput({ file, line: lines + 1 }, "no id", "a line that begins with one");
      if (lines === offsets.length) {
        keys = grown(keys, new Uint32Array(2 * keys.length));
        offsets = grown(offsets, new Float64Array(2 * offsets.length));
      }
      keys[2 * lines] = lines;
      keys[2 * lines + 1] = hash(id);
      offsets[lines] = at + start;
      start = end + 1;
    }
    at += block.length + 1;
  }
  if (at !== state[0] && at !== state[0] + 1) {
    throw badInput(file, "a packed file", "plain text, whose lines have places");
  }
  using out = openAtomic(path);
  out.write(new Uint8Array(Float64Array.of(MAGIC, ...state, lines).buffer));
  out.write(new Uint8Array(new BigUint64Array(keys.buffer, 0, lines).sort().buffer, 0, 8 * lines));
  out.write(new Uint8Array(offsets.buffer, 0, 8 * lines));
  out.write(new Uint8Array(Float64Array.of(at).buffer));
  out.commit();
}

function grown<T extends Uint32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

function open(path: string): LineIndex {
  const handle = openFile(path);
  const numbers = (from: number, count: number) => new Float64Array(readAt(handle, from, 8 * count).buffer);
  const lines = numbers(24, 1)[0];
  const key = (i: number) => new Uint32Array(readAt(handle, HEADER + 8 * i, 8).buffer);
  return {
    lines,
    find(id) {
      const wanted = hash(new TextEncoder().encode(id));
      let low = 0;
      for (let high = lines; low < high;) {
        const middle = (low + high) >>> 1;
        if (key(middle)[1] < wanted) low = middle + 1;
        else high = middle;
      }
      const found: { line: number; from: number; until: number }[] = [];
      for (; low < lines; low++) {
        const [number, hashed] = key(low);
        if (hashed !== wanted) break;
        const [from, next] = numbers(HEADER + 8 * (lines + number), 2);
        found.push({ line: number + 1, from, until: next - 1 });
      }
      return found;
    },
    [Symbol.dispose]: () => handle.close(),
  };
}

function readHeader(path: string): Float64Array {
  using handle = openFile(path);
  return new Float64Array(readAt(handle, 0, 24).buffer);
}

/** FNV-1a, 32 bits. */
function hash(bytes: Uint8Array): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i++) h = Math.imul(h ^ bytes[i], 0x01000193);
  return h >>> 0;
}
