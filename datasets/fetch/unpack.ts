import { basename, join, normalize } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { crc32 } from "node:zlib";
import { Inflate } from "fflate";
import { extract } from "tar-stream";
import xz from "xz-decompress";
import yauzl from "yauzl";
import { readPieces, tooLarge } from "../../support/decompress.ts";
import { openHashed } from "../../support/atomic_write.ts";
import { badInput, explainIoError, LatebenchError } from "../../support/errors.ts";
import { unpackedLimit } from "../../support/limits.ts";
import { openFile, refuseSpecialFile } from "../../support/open_file.ts";
import type { Packing } from "../catalogue/catalogue.ts";

/** One file that came out of an archive. */
export interface UnpackedFile {
  /** Relative to the target folder. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** One member while it comes out. */
interface Member {
  readonly name: string;
  readonly content: AsyncIterable<Uint8Array>;
}

/** Members of an archive; published data sets have some dozens at most. */
const MAX_MEMBERS = 10_000;

/**
 * Unpacks an archive while it is read, without a copy in between. A member gets its name when it is whole.
 *
 * @param wanted names of the members to keep; others are passed over
 * @returns the members that were kept, in the archive's order
 * @throws {LatebenchError} for damaged or truncated archives, for a member whose path leads out of the folder or that is neither
 *   file nor folder, for one that unpacks to far more than an archive of its size should hold, and for too many members
 */
export async function unpack(
  archive: string,
  packing: Packing,
  folder: string,
  wanted: ReadonlySet<string>,
): Promise<UnpackedFile[]> {
  const kept: UnpackedFile[] = [];
  let members = 0;
  try {
    refuseSpecialFile(archive);
    for await (const { name, content } of membersOf(archive, packing, wanted)) {
      if (++members > MAX_MEMBERS) throw badInput(archive, `more than ${MAX_MEMBERS} members`, "a data set");
      const path = safePath(archive, name);
      if (wanted.has(path)) kept.push(await writeMember(folder, path, content));
      else if (packing !== "zip") { for await (const _ of content) { /* a tar can only be read in order */ } }
    }
  } catch (error) {
    if (error instanceof LatebenchError) throw error;
    const explained = explainIoError(error, archive);
    if (explained !== error) throw explained;
    const reason = error instanceof Error ? error.message : String(error);
    throw badInput(archive, `a damaged or truncated archive (${reason})`, `a whole ${packing} file`);
  }
  return kept;
}

function membersOf(archive: string, packing: Packing, wanted: ReadonlySet<string>): AsyncIterable<Member> {
  switch (packing) {
    case "gz":
      return single([...wanted][0] ?? basename(archive, ".gz"), Readable.from(readPieces(archive)));
    case "tar.gz":
      return tarMembers(archive, readPieces(archive));
    case "tar.xz": {
      const unpacked = new xz.XzReadableStream(openFile(archive).readable);
      return tarMembers(archive, spend(archive, unpacked, budgetOf(archive)));
    }
    case "zip":
      return zipMembers(archive);
  }
}

async function* single(name: string, content: AsyncIterable<Uint8Array>): AsyncGenerator<Member> {
  yield await Promise.resolve({ name, content });
}

async function* tarMembers(
  archive: string,
  bytes: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<Member> {
  const tar = extract();
  const copied = Readable.from(copies(bytes));
  const fed = pipeline(copied, tar).catch((error: Error) => void tar.destroy(error));
  for await (const entry of tar) {
    const { name, type } = entry.header;
    if (type === "file" || type === "contiguous-file") yield { name, content: entry as AsyncIterable<Uint8Array> };
    else if (type === "directory") entry.resume();
    else throw badInput(archive, `member ${JSON.stringify(name)} of type ${type}`, "files and folders");
  }
  await fed;
}

/** Readers use one buffer again and again; a stream keeps what it is given. */
async function* copies(pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) yield piece.slice();
}

async function* zipMembers(archive: string): AsyncGenerator<Member> {
  const zip = await yauzl.openPromise(archive, { strictFileNames: true });
  const budget = budgetOf(archive);
  try {
    for await (const entry of zip.eachEntry()) {
      const unixType = (entry.externalFileAttributes >>> 16) & 0o170000;
      if (unixType === 0o120000) {
        throw badInput(archive, `member ${JSON.stringify(entry.fileName)}, a link`, "files and folders");
      }
      if (!entry.fileName.endsWith("/")) {
        const packed = await zip.openReadStreamPromise(entry, { decodeFileData: false });
        yield { name: entry.fileName, content: spend(archive, inflated(entry, packed), budget) };
      }
    }
  } finally {
    zip.close();
  }
}

/** Unpacks and checks one member. (An error inside Deno's own stream for this cannot be caught.) */
async function* inflated(entry: yauzl.Entry, packed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) {
    throw new Error(`compression method ${entry.compressionMethod}`);
  }
  let out: Uint8Array[] = [];
  const stream = new Inflate((piece) => void out.push(piece));
  const push = (piece: Uint8Array, final: boolean) => {
    if (entry.compressionMethod === 8) stream.push(piece, final);
    else out.push(piece);
  };
  let size = 0;
  let sum = 0;
  const taken = () => {
    const pieces = out;
    out = [];
    for (const piece of pieces) {
      size += piece.length;
      sum = crc32(piece, sum);
    }
    return pieces;
  };
  for await (const piece of packed) {
    push(piece, false);
    yield* taken();
  }
  push(new Uint8Array(0), true);
  yield* taken();
  if (size !== entry.uncompressedSize || sum !== entry.crc32) throw new Error(`wrong checksum of ${entry.fileName}`);
}

/** @throws {LatebenchError} for absolute paths, and for those that lead out of the folder */
function safePath(archive: string, name: string): string {
  const path = normalize(name.replaceAll("\\", "/"));
  if (path.startsWith("/") || path.split("/").includes("..") || /^[A-Za-z]:/.test(path) || path.includes("\0")) {
    throw badInput(archive, `member ${JSON.stringify(name)}`, "paths inside the folder");
  }
  return path;
}

/** What all of an archive may unpack to. */
interface Budget {
  readonly size: number;
  left: number;
}

function budgetOf(archive: string): Budget {
  const { size } = Deno.statSync(archive);
  return { size, left: unpackedLimit(size) };
}

async function* spend(
  archive: string,
  content: AsyncIterable<Uint8Array>,
  budget: Budget,
): AsyncGenerator<Uint8Array> {
  for await (const piece of content) {
    budget.left -= piece.length;
    if (budget.left < 0) throw tooLarge(archive, budget.size);
    yield piece;
  }
}

async function writeMember(folder: string, path: string, content: AsyncIterable<Uint8Array>): Promise<UnpackedFile> {
  using file = openHashed(join(folder, path));
  for await (const piece of content) file.write(piece);
  return { path, ...file.commit() };
}
