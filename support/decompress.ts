import { Gunzip, ZstdDecompress } from "minizlib";
import { badInput, explainIoError } from "./errors.ts";
import { limitHint, limits, unpackedLimit } from "./limits.ts";
import { openFile } from "./open_file.ts";
import { readAt } from "./read_at.ts";
import { walkFrames } from "./zstd_frames.ts";

/** Bytes that are read, and unpacked, at once. */
const PIECE = 1 << 20;
const CHUNK = 256 << 10;

/** A packed format: the bytes with which a file of it begins, and how much of it is unpacked at once. */
interface Format {
  readonly name: "gzip" | "zstd";
  readonly magic: readonly number[];
  /** Bytes. A byte of gzip unpacks to at most 1,032, four bytes of zstd to 128 kB: at most 64 MiB come out of one step. */
  readonly step: number;
}

const FORMATS: readonly Format[] = [
  { name: "gzip", magic: [0x1f, 0x8b], step: 64 << 10 },
  { name: "zstd", magic: [0x28, 0xb5, 0x2f, 0xfd], step: 2 << 10 },
];

/**
 * Streams a file in pieces; gzip (also of several members) and zstd (of several frames) are unpacked. What a file is, its first
 * bytes say, not its name. A piece is good until the next one is asked for.
 *
 * @throws {LatebenchError} for a missing file, for pipes and devices, for packed data that is damaged or cut off, and for a file
 *   that unpacks to far more than a text of its size (`support/limits.ts`)
 */
export function* readPieces(path: string): Generator<Uint8Array> {
  try {
    using file = openFile(path);
    const buffer = new Uint8Array(PIECE);
    let unpack: Unpacker | undefined;
    for (let n = file.readSync(buffer), first = true; n !== null; n = file.readSync(buffer), first = false) {
      const piece = buffer.subarray(0, n);
      if (first) unpack = unpackerFor(path, piece, file.statSync().size);
      if (unpack) yield* unpack(piece, false);
      else yield piece;
    }
    if (unpack) yield* unpack(new Uint8Array(0), true);
  } catch (error) {
    throw explainIoError(error, path);
  }
}

/** A byte order mark in UTF-8. */
const MARK = [0xef, 0xbb, 0xbf];

/** Streams a text file as {@link readPieces} does, without the byte order mark at its start, where it has one. */
export function* readTextPieces(path: string): Generator<Uint8Array> {
  let start: number[] | null = []; // the bytes that may be the mark, until that is known
  for (const piece of readPieces(path)) {
    if (start === null) {
      yield piece;
      continue;
    }
    const seen = start.length;
    start.push(...piece.subarray(0, MARK.length - seen));
    if (start.length < MARK.length && MARK.every((byte, i) => i >= start!.length || start![i] === byte)) continue;
    const marked = start.length === MARK.length && MARK.every((byte, i) => start![i] === byte);
    if (!marked && seen > 0) yield Uint8Array.from(start.slice(0, seen));
    start = null;
    yield marked ? piece.subarray(MARK.length - seen) : piece;
  }
  if (start !== null && start.length > 0) yield Uint8Array.from(start);
}

/** Bytes of the byte order mark at the start of a file that is not packed: 3, or 0 where there is none. */
export function markBytes(path: string): number {
  using file = openFile(path);
  const start = readAt(file, 0, MARK.length);
  return MARK.every((byte, i) => start[i] === byte) ? MARK.length : 0;
}

/**
 * Whether a file is one that {@link readPieces} unpacks.
 *
 * @throws {LatebenchError} for a missing file, and for pipes and devices
 */
export function isPacked(path: string): boolean {
  using file = openFile(path);
  return formatOf(readAt(file, 0, 4)) !== undefined;
}

/** Takes the next packed piece and gives what it unpacks to; `final` once, with the last. */
type Unpacker = (piece: Uint8Array, final: boolean) => Iterable<Uint8Array>;

function formatOf(start: Uint8Array): Format | undefined {
  return FORMATS.find(({ magic }) => magic.every((byte, i) => start[i] === byte));
}

function unpackerFor(path: string, start: Uint8Array, size: number): Unpacker | undefined {
  const format = formatOf(start);
  if (!format) return undefined;
  const { name, step } = format;
  const stream = name === "gzip" ? openStream(name) : openFrames();
  let left = unpackedLimit(size);
  return function* (piece, final) {
    for (let at = 0; at < piece.length || (final && at === 0); at += step) {
      let out: readonly Uint8Array[];
      try {
        out = final ? stream.end() : stream.write(piece.subarray(at, at + step));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw badInput(path, `damaged or truncated ${name} data (${reason})`, `a whole ${name} file`);
      }
      for (const part of out) {
        left -= part.length;
        if (left < 0) throw tooLarge(path, size);
        yield part;
      }
    }
  };
}

/** What unpacks to more than its size allows. */
export function tooLarge(path: string, size: number): Error {
  const { ratio } = limits();
  const found = `${size} bytes that unpack to more than ${unpackedLimit(size)}`;
  return badInput(path, found, `at most ${ratio} times its size and 64 MiB (${limitHint("ratio")})`);
}

/** Unpacks piece after piece of one gzip file or zstd frame. */
interface Stream {
  write(piece: Uint8Array): readonly Uint8Array[];
  end(): readonly Uint8Array[];
  /** Forgets all, as if nothing had been written. */
  restart(): void;
}

function openStream(name: Format["name"]): Stream {
  const options: { [option: string]: number } = { chunkSize: CHUNK }; // zlib's own option, which the types lack
  const stream = name === "gzip" ? new Gunzip(options) : new ZstdDecompress(options);
  let out: Uint8Array[] = [];
  let failure: unknown;
  stream.on("data", (data: Uint8Array) => void out.push(data));
  stream.on("error", (error: unknown) => failure ??= error);
  const taken = () => {
    if (failure !== undefined) throw failure;
    const pieces = out;
    out = [];
    return pieces;
  };
  return {
    write(piece) {
      stream.write(piece as Parameters<typeof stream.write>[0]);
      return taken();
    },
    end() {
      stream.end();
      stream.close();
      return taken();
    },
    restart: () => stream.reset(),
  };
}

/** Node's zstd stops after the first frame and does not miss what is cut off: it is told where the frames end. */
function openFrames(): Stream {
  const walker = walkFrames();
  const stream = openStream("zstd");
  return {
    write(piece) {
      const out: Uint8Array[] = [];
      for (let at = 0; at < piece.length;) {
        const end = walker.next(piece, at);
        out.push(...stream.write(piece.subarray(at, end)));
        if (walker.between) stream.restart();
        at = end;
      }
      return out;
    },
    end() {
      if (!walker.between) throw new Error("unexpected end of file");
      return stream.end();
    },
    restart: () => stream.restart(),
  };
}
