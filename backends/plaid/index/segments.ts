import { join } from "node:path";
import { z } from "zod";
import { badInput } from "../../../support/errors.ts";
import { sha256 } from "../../../support/hash.ts";
import { readJson } from "../../../support/json.ts";
import { verifyFiles } from "../../vectors/verify.ts";
import {
  DELETED,
  FILES,
  type PlaidHeader,
  type PlaidUpdates,
  readSegmentHeader,
  readUpdates,
  type SegmentHeader,
  type SegmentInfo,
} from "./format.ts";

/** One set of passage files of an index, without what the files hold. */
export interface StoredSegment {
  /** Within the index; "" for the passages that it was built from. */
  readonly name: string;
  readonly folder: string;
  readonly info: SegmentInfo;
  /** Rows that were added since the centroids were trained, and are in these files. */
  readonly added: SegmentHeader["added"] | undefined;
  /** Bits of passages that are gone, uint32; null where none is. */
  readonly deleted: Uint32Array | null;
}

/**
 * Lists the files of an index in passage order: those it was built with, then those of every later addition.
 *
 * @throws {LatebenchError} for files that are not those that were written
 */
export function listSegments(folder: string, header: PlaidHeader): StoredSegment[] {
  const updates = readUpdates(folder);
  return ["", ...updates.segments].map((name) => {
    const own = join(folder, name);
    const { added, ...info } = name === "" ? header : readSegmentHeader(own);
    const names = Object.keys(FILES).filter((file) => file in info.files) as (keyof SegmentInfo["files"])[];
    verifyFiles(
      join(own, ".verified.json"),
      names.map((file) => ({ file: join(own, FILES[file]), ...info.files[file] })),
    );
    return { name, folder: own, info, added, deleted: readDeleted(own, info.passages, updates.deleted[name]) };
  });
}

/** The ids of a segment's passages, those that are gone included. */
export function readIds({ folder, info: { passages } }: StoredSegment): string[] {
  return readJson(join(folder, FILES.ids), z.array(z.string()).length(passages), "the ids of an index's passages");
}

/** Tokens of each passage of a segment. */
export function readLengths({ folder, info: { length_bytes } }: StoredSegment): Uint16Array | Uint32Array {
  const { buffer } = Deno.readFileSync(join(folder, FILES.lengths));
  return length_bytes === 2 ? new Uint16Array(buffer) : new Uint32Array(buffer);
}

function readDeleted(folder: string, passages: number, known: PlaidUpdates["deleted"][string] | undefined) {
  if (!known) return null;
  const file = join(folder, DELETED);
  const bytes = Deno.readFileSync(file);
  const expected = 4 * Math.ceil(passages / 32);
  if (bytes.length !== expected) throw badInput(file, `${bytes.length} bytes`, `${expected} bytes`);
  if (sha256(bytes) !== known.sha256) {
    throw badInput(file, "another checksum than when it was written", "the bytes that latebench wrote");
  }
  return new Uint32Array(bytes.buffer);
}
