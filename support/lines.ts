import { readPieces } from "./decompress.ts";
import { badInput } from "./errors.ts";

/** One line of a text file, without its line end; `number` counts from 1. */
export interface Line {
  readonly number: number;
  readonly text: string;
}

/**
 * Streams the lines of a UTF-8 file, which may be packed (gzip, zstd). `\r\n` counts as a line end; an empty last line does not
 * count.
 *
 * @throws {LatebenchError} for a missing file, and for invalid UTF-8 with its line number
 */
export function* readLines(path: string): Generator<Line> {
  let number = 0;
  for (const block of readLineBlocks(path)) {
    for (const text of decodeBlock(block, path, () => number).split("\n")) {
      number++;
      yield { number, text: text.endsWith("\r") ? text.slice(0, -1) : text };
    }
  }
}

/** The whole of a UTF-8 text file, with the same errors as {@link readLines}. */
export function readText(path: string): string {
  const blocks: string[] = [];
  const linesBefore = () => blocks.reduce((sum, text) => sum + text.split("\n").length, 0);
  for (const block of readLineBlocks(path)) blocks.push(decodeBlock(block, path, linesBefore));
  const text = blocks.join("\n");
  return text.includes("\r") ? text.replace(/\r(?=\n|$)/g, "") : text;
}

/**
 * Streams the bytes of a text file, which may be packed, in blocks that end at a line end (or at the end of the file); line ends
 * are kept inside a block only.
 */
export function* readLineBlocks(path: string): Generator<Uint8Array> {
  let pending: Uint8Array = new Uint8Array(0);
  for (const piece of readPieces(path)) {
    const end = piece.lastIndexOf(0x0a);
    if (end < 0) {
      pending = concat(pending, piece);
      continue;
    }
    yield concat(pending, piece.subarray(0, end));
    pending = piece.slice(end + 1);
  }
  if (pending.length > 0) yield pending;
}

function decodeBlock(block: Uint8Array, path: string, linesBefore: () => number): string {
  try {
    return strictDecoder().decode(block);
  } catch {
    throw badInput({ file: path, line: linesBefore() + firstInvalidLine(block) }, "invalid UTF-8", "UTF-8 text");
  }
}

function firstInvalidLine(block: Uint8Array): number {
  let line = 1;
  for (let start = 0; start <= block.length; line++) {
    const found = block.indexOf(0x0a, start);
    const end = found < 0 ? block.length : found;
    try {
      strictDecoder().decode(block.subarray(start, end));
    } catch {
      return line;
    }
    start = end + 1;
  }
  return line;
}

function strictDecoder(): TextDecoder {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
