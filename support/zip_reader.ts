import { Readable } from "node:stream";
import yauzl from "yauzl";
import { openFile } from "./open_file.ts";
import { readAt } from "./read_at.ts";

/**
 * Opens a zip file. Unlike yauzl's own reader of files, this one survives a damaged directory that points outside of the file.
 *
 * @throws what yauzl throws, for files that are none
 */
export async function openZip(path: string): Promise<yauzl.ZipFile> {
  const file = openFile(path);
  try {
    const reader = new FileReader(file);
    return await yauzl.fromRandomAccessReaderPromise(reader, reader.size, { strictFileNames: true, autoClose: false });
  } catch (error) {
    closeQuietly(file);
    throw error;
  }
}

/** yauzl asks for a class. */
class FileReader extends yauzl.RandomAccessReader {
  readonly size: number;

  constructor(readonly file: Deno.FsFile) {
    super();
    this.size = file.statSync().size;
  }

  override read(
    buffer: Uint8Array,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, read?: number) => void,
  ): void {
    if (!this.#holds(position, length)) return callback(new Error("it points outside of the file"));
    buffer.set(readAt(this.file, position, length), offset);
    callback(null, length);
  }

  override _readStreamForRange(start: number, end: number): Readable {
    if (!this.#holds(start, end - start)) throw new Error("it points outside of the file");
    return Readable.from([readAt(this.file, start, end - start)]);
  }

  override close(callback: (error: Error | null) => void): void {
    closeQuietly(this.file);
    callback(null);
  }

  #holds(start: number, length: number): boolean {
    return start >= 0 && length >= 0 && start + length <= this.size;
  }
}

function closeQuietly(file: Deno.FsFile): void {
  try {
    file.close();
  } catch { /* it is closed */ }
}
