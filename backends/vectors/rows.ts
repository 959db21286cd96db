import { badInput, explainIoError } from "../../support/errors.ts";
import { openFile } from "../../support/open_file.ts";
import type { Rows } from "../../kernels/loops.ts";
import type { Kernel, MappedFile } from "../../kernels/kernel.ts";

/** Bytes of a file that workers read: through a memory map, in memory that all share, or anew for each use. */
export interface RowFile {
  readonly file: string;
  readonly bytes: number;
  /** Where the file was read into shared memory. */
  readonly shared?: Uint8Array<SharedArrayBuffer>;
}

/** How workers get at rows. */
export type Access = "map" | "resident" | "stream";

/** Reads a whole file into memory that all threads share. */
export function readShared(kernel: Kernel, { file, bytes }: RowFile): RowFile {
  const shared = kernel.allocate(bytes);
  readInto(file, shared);
  return { file, bytes, shared };
}

/** One worker's view of row files. What it gives stays good until the next call where files are streamed. */
export interface RowReader extends Disposable {
  read(file: RowFile): Uint8Array;
}

/**
 * Opens row files for one worker.
 *
 * @throws {LatebenchError} at `read`, where a file is shorter than it was
 */
export function openRowReader(kernel: Kernel, access: Access): RowReader {
  const maps = new Map<string, MappedFile>();
  let buffer = new Uint8Array(0) as Uint8Array<ArrayBufferLike>;
  return {
    read(row) {
      if (row.shared) return row.shared;
      if (access === "map") {
        const known = maps.get(row.file);
        if (known) return known.bytes;
        const map = kernel.mapFile!(row.file, row.bytes);
        if (!map) throw badInput(row.file, "a file that cannot be mapped", `${row.bytes} bytes that were there before`);
        maps.set(row.file, map);
        return map.bytes;
      }
      if (buffer.length < row.bytes) buffer = kernel.allocate(row.bytes);
      const target = buffer.subarray(0, row.bytes);
      readInto(row.file, target);
      return target;
    },
    [Symbol.dispose]() {
      for (const map of maps.values()) map[Symbol.dispose]();
      maps.clear();
    },
  };
}

/** Bytes as the float32 numbers that they hold. */
export function floats(bytes: Uint8Array): Float32Array {
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

/** Bytes as the fp16 numbers that they hold. */
export function halves(bytes: Uint8Array): Uint16Array {
  return new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
}

/** Bytes as `count` fp16 or float32 numbers, whichever they must be. */
export function rowsOf(bytes: Uint8Array, count: number): Rows {
  return bytes.length === 4 * count ? floats(bytes) : halves(bytes);
}

/** The numbers of rows, without copying them. */
export function numbersOf(rows: Rows): Float32Array | Float16Array {
  return rows instanceof Float32Array ? rows : new Float16Array(rows.buffer, rows.byteOffset, rows.length);
}

/** Rows as float32. */
export function asFloats(rows: Rows): Float32Array {
  return rows instanceof Float32Array ? rows : Float32Array.from(numbersOf(rows));
}

function readInto(path: string, target: Uint8Array): void {
  try {
    using file = openFile(path);
    const piece = new Uint8Array(Math.min(target.length, 1 << 22)); // files are not read into shared memory directly
    for (let at = 0; at < target.length;) {
      const n = file.readSync(piece.subarray(0, target.length - at));
      if (n === null) throw badInput({ file: path, byte: at }, "the end of the file", "more rows");
      target.set(piece.subarray(0, n), at);
      at += n;
    }
  } catch (error) {
    throw explainIoError(error, path);
  }
}
