import { readTextPieces } from "./decompress.ts";
import { badInput } from "./errors.ts";
import { limitBytes, limitHint, limits } from "./limits.ts";

/** One line of a text file, without its line end; `number` counts from 1. */
export interface Line {
  readonly number: number;
  readonly text: string;
}

/**
 * Streams the lines of a UTF-8 file, which may be packed (gzip, zstd). `\r\n` counts as a line end; an empty last line does not
 * count; a byte order mark at the start of the file is passed over.
 *
 * @throws {LatebenchError} for a missing file, for invalid UTF-8 and for a line that is too long (`support/limits.ts`), with the line
 *   number
 */
export function* readLines(path: string): Generator<Line> {
  let number = 0;
  for (const block of readLineBlocks(path)) {
    for (const text of decodeBlock(block, path, number).split("\n")) {
      number++;
      yield { number, text: text.endsWith("\r") ? text.slice(0, -1) : text };
    }
  }
}

/**
 * The whole of a UTF-8 text file, with the same errors as {@link readLines}; its lines may have any length, but the whole has a limit.
 */
export function readText(path: string): string {
  const pieces: Uint8Array[] = [];
  const most = limitBytes("text_mib");
  let size = 0;
  for (const piece of readTextPieces(path)) {
    size += piece.length;
    if (size > most) {
      throw badInput(path, `a text of more than ${limits().text_mib} MiB`, `less (${limitHint("text_mib")})`);
    }
    pieces.push(piece.slice());
  }
  let text = decodeBlock(concat(pieces), path, 0);
  if (text.includes("\r")) text = text.replace(/\r(?=\n|$)/g, "");
  return text.endsWith("\n") ? text.slice(0, -1) : text;
}

/**
 * Streams the bytes of a text file, which may be packed, in blocks that end at a line end (or at the end of the file); line ends
 * are kept inside a block only.
 *
 * @throws {LatebenchError} for a missing file, and a line that is too long
 */
export function* readLineBlocks(path: string): Generator<Uint8Array> {
  const most = limitBytes("line_mib");
  let pending: Uint8Array[] = [];
  let waiting = 0;
  let before = 0;
  for (const piece of readTextPieces(path)) {
    const end = piece.lastIndexOf(0x0a);
    const first = end < 0 ? piece.length : piece.indexOf(0x0a);
    if (waiting + first > most) {
      const line = countLines(path, before) + 1;
      const { line_mib } = limits();
      throw badInput({ file: path, line }, `a line of more than ${line_mib} MiB`, `less (${limitHint("line_mib")})`);
    }
    if (end < 0) {
      pending.push(piece.slice());
      waiting += piece.length;
      continue;
    }
    yield pending.length === 0 ? piece.subarray(0, end) : concat([...pending, piece.subarray(0, end)]);
    before += waiting + end + 1;
    const rest = piece.slice(end + 1);
    pending = rest.length > 0 ? [rest] : [];
    waiting = rest.length;
  }
  if (waiting > 0) yield concat(pending);
}

function decodeBlock(block: Uint8Array, path: string, linesBefore: number): string {
  try {
    return strictDecoder().decode(block);
  } catch {
    throw badInput({ file: path, line: linesBefore + firstInvalidLine(block) }, "invalid UTF-8", "UTF-8 text");
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

/** Line ends among the first `bytes` bytes of a file. */
function countLines(path: string, bytes: number): number {
  let lines = 0;
  for (const piece of readTextPieces(path)) {
    const part = piece.subarray(0, bytes);
    for (let at = part.indexOf(0x0a); at >= 0; at = part.indexOf(0x0a, at + 1)) lines++;
    bytes -= part.length;
    if (bytes <= 0) break;
  }
  return lines;
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
