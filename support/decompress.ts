import { crc32 } from "node:zlib";
import { Gunzip } from "fflate";
import { Decompress } from "fzstd";
import { badInput, explainIoError } from "./errors.ts";
import { readAt } from "./read_at.ts";

const PIECE = 1 << 20;

/** Bytes with which a compressed file begins. */
const GZIP = [0x1f, 0x8b];
const ZSTD = [0x28, 0xb5, 0x2f, 0xfd];

/**
 * Streams a file in pieces; gzip (also of several members) and zstd (of several frames) are unpacked. What a file is, its first
 * bytes say, not its name. A piece is good until the next one is asked for.
 *
 * @throws {LatebenchError} for a missing file, and for packed data that is damaged or cut off
 */
export function* readPieces(path: string): Generator<Uint8Array> {
  try {
    using file = Deno.openSync(path, { read: true });
    const buffer = new Uint8Array(PIECE);
    let unpack: Unpacker | undefined;
    for (let n = file.readSync(buffer), first = true; n !== null; n = file.readSync(buffer), first = false) {
      const piece = buffer.subarray(0, n);
      if (first) unpack = unpackerFor(path, piece);
      if (unpack) yield* unpack(piece, false);
      else yield piece;
    }
    if (unpack) yield* unpack(new Uint8Array(0), true);
  } catch (error) {
    throw explainIoError(error, path);
  }
}

/**
 * Whether a file is one that {@link readPieces} unpacks.
 *
 * @throws {LatebenchError} for a missing file
 */
export function isPacked(path: string): boolean {
  try {
    using file = Deno.openSync(path, { read: true });
    return unpackerFor(path, readAt(file, 0, 4)) !== undefined;
  } catch (error) {
    throw explainIoError(error, path);
  }
}

/** Takes the next packed piece and gives what it unpacks to; `final` once, with the last. */
type Unpacker = (piece: Uint8Array, final: boolean) => readonly Uint8Array[];

function unpackerFor(path: string, start: Uint8Array): Unpacker | undefined {
  const starts = (magic: readonly number[]) => magic.every((byte, i) => start[i] === byte);
  if (starts(GZIP)) return guarded(path, "gzip", gunzip(path));
  return starts(ZSTD) ? guarded(path, "zstd", unzstd()) : undefined;
}

function guarded(path: string, format: string, unpack: Unpacker): Unpacker {
  return (piece, final) => {
    try {
      return unpack(piece, final);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw badInput(path, `damaged or truncated ${format} data (${reason})`, `a whole ${format} file`);
    }
  };
}

function gunzip(path: string): Unpacker {
  let out: Uint8Array[] = [];
  let sum = 0;
  const stream = new Gunzip((data) => {
    // The library does not compare checksums: damage would go unnoticed wherever it leaves valid codes.
    sum = crc32(data, sum);
    out.push(data);
  });
  const closeMember = (end: number) => {
    if (readChecksum(path, end - 8) !== sum) throw new Error("wrong checksum");
    sum = 0;
  };
  stream.onmember = closeMember;
  return (piece, final) => {
    out = [];
    stream.push(piece, final);
    if (final) closeMember(Deno.statSync(path).size);
    return out;
  };
}

function unzstd(): Unpacker {
  let out: Uint8Array[] = [];
  const stream = new Decompress((data) => void out.push(data));
  return (piece, final) => {
    out = [];
    stream.push(piece, final);
    return out;
  };
}

/** The CRC-32 of a gzip member's content, which stands eight bytes before its end (RFC 1952, section 2.3.1). */
function readChecksum(path: string, byte: number): number {
  using file = Deno.openSync(path, { read: true });
  return new DataView(readAt(file, byte, 4).buffer).getUint32(0, true);
}
