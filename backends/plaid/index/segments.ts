import { join } from "node:path";
import { z } from "zod";
import { badInput } from "../../../support/errors.ts";
import { readJson } from "../../../support/json.ts";
import { readFile } from "../../../support/open_file.ts";
import { listParts, type Part, type PartFiles } from "../../living/parts.ts";
import { type Verification, verifyFiles } from "../../vectors/verify.ts";
import { FILES, type PlaidHeader, readSegmentHeader, type SegmentHeader, type SegmentInfo } from "./format.ts";
import { LIST_PADDING } from "./gaps.ts";

/** What is known of one set of passage files of an index. */
export interface SegmentFiles extends PartFiles {
  readonly info: SegmentInfo;
  /** Rows that were added since the centroids were trained, and are in these files. */
  readonly added: SegmentHeader["added"] | undefined;
}

/** One set of passage files of an index, without what the files hold. */
export type StoredSegment = SegmentFiles & Part;

/**
 * Lists the files of an index in passage order: those it was built with, then those of every later addition.
 *
 * @throws {LatebenchError} for files that are not those that were written
 */
export function listSegments(folder: string, header: PlaidHeader, verification: Verification = {}): StoredSegment[] {
  return listParts(folder, (own, name) => {
    const { added, ...info } = name === "" ? header : readSegmentHeader(own, header);
    verifyFiles(filesOf(own, info), verification);
    const ids = z.array(z.string()).length(info.passages);
    return {
      info,
      added,
      passages: info.passages,
      ids: () => readJson(join(own, FILES.ids), ids, "the ids of an index's passages"),
    };
  });
}

/** The files that a segment has, with what is known of them. */
export function filesOf(folder: string, { files }: SegmentInfo): { file: string; bytes: number; sha256: string }[] {
  return Object.entries(FILES).flatMap(([name, file]) => {
    const stored = files[name as keyof typeof FILES];
    return stored ? [{ file: join(folder, file), ...stored }] : [];
  });
}

/**
 * Tokens of each passage of a segment.
 *
 * @throws {LatebenchError} where they are not as many together as the header says
 */
export function readLengths({ folder, info: { length_bytes, tokens } }: StoredSegment): Uint16Array | Uint32Array {
  const file = join(folder, FILES.lengths);
  const { buffer } = readFile(file);
  const lengths = length_bytes === 2 ? new Uint16Array(buffer) : new Uint32Array(buffer);
  const total = sumOf(lengths);
  if (total !== tokens) throw badInput(file, `lengths of ${total} tokens`, `${tokens}`);
  return lengths;
}

/**
 * Bytes of each passage's residuals; null where every token has the same.
 *
 * @throws {LatebenchError} where they are not as many together as the file of residuals has
 */
export function readResidualSizes({ folder, info: { files } }: StoredSegment): Uint32Array | null {
  return files.residualSizes ? readSizes(join(folder, FILES.residualSizes), files.residuals.bytes) : null;
}

/**
 * Bytes of each centroid's list.
 *
 * @throws {LatebenchError} where they are not as many together as the file of lists has
 */
export function readListSizes({ folder, info: { files } }: StoredSegment): Uint32Array {
  return readSizes(join(folder, FILES.listSizes), files.lists.bytes);
}

function readSizes(file: string, bytes: number): Uint32Array {
  const sizes = new Uint32Array(readFile(file).buffer);
  const total = sumOf(sizes) + LIST_PADDING;
  if (total !== bytes) throw badInput(file, `lists of ${total - LIST_PADDING} bytes`, `${bytes - LIST_PADDING}`);
  return sizes;
}

/** Below 2^53 for whatever numbers of 32 bits a file can hold. */
function sumOf(numbers: Uint16Array | Uint32Array): number {
  let sum = 0;
  for (let i = 0; i < numbers.length; i++) sum += numbers[i];
  return sum;
}
