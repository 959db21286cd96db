import { join } from "node:path";
import { badInput, quote } from "../../support/errors.ts";
import { sha256File } from "../../support/hash.ts";
import { readFile } from "../../support/open_file.ts";
import { readMetadata } from "../passage_metadata.ts";
import { idsOrNull } from "../living/parts.ts";
import { asFloats, numbersOf } from "../vectors/rows.ts";
import { inverseNorm } from "./build/residuals.ts";
import { checkChunk, checkCodebook, checkNumbers } from "./foreign/foreign_index.ts";
import { invertCodes } from "./foreign/lists.ts";
import { readCodec } from "./index/codebooks.ts";
import type { ResidualCodec } from "./index/codec.ts";
import { decodePassage } from "./index/decode.ts";
import { centroidsFile, readCentroids } from "./index/centroids.ts";
import { unpackCodes } from "./index/codes.ts";
import { FILES, type PlaidHeader, readPlaidHeader, residualBytes, SHARED_FILES } from "./index/format.ts";
import { decodeList } from "./index/gaps.ts";
import {
  filesOf,
  listSegments,
  readLengths,
  readListSizes,
  readResidualSizes,
  type StoredSegment,
} from "./index/segments.ts";

/** Steps that a norm may be off: half of one where it is rounded once, more where older versions rounded it at every merge. */
const DRIFT = 4;

/** One thing that is looked at. */
export interface IndexCheck {
  readonly name: string;
  /** @throws {LatebenchError} for the first fault */
  readonly run: () => void;
}

/**
 * Everything that can be verified of one of latebench's own PLAID indexes, without what opening it takes for granted: checksums are computed
 * anew, all codes, lists and norms are read.
 */
export function plaidChecks(folder: string): IndexCheck[] {
  const header = readPlaidHeader(folder);
  const { partitions, dim } = header;
  const codec = readCodec(folder, header);
  const centroids = readCentroids(folder, header);
  const segments = listSegments(folder, header);
  const averageResidual = Float32Array.of(header.average_residual);
  const each = (name: string, check: (segment: StoredSegment) => void): IndexCheck => ({
    name,
    run: () => segments.forEach(check),
  });
  return [
    {
      name: "centroids, and what stands for residuals, are numbers in order",
      run() {
        if (codec.kind === "buckets") checkCodebook({ folder, dim, partitions, centroids, averageResidual, ...codec });
        else checkNumbers(folder, { centroids: numbersOf(centroids), "mean residuals": averageResidual });
        if (codec.kind === "product") checkNumbers(folder, { codebooks: codec.codebooks });
      },
    },
    {
      name: "checksums",
      run() {
        const { centroids, codebooks } = header.files;
        checkSum(centroidsFile(folder, header), centroids.sha256);
        if (codebooks) checkSum(join(folder, SHARED_FILES.codebooks), codebooks.sha256);
        for (const { folder, info } of segments) {
          for (const { file, sha256 } of filesOf(folder, info)) checkSum(file, sha256);
        }
      },
    },
    each("as many codes as the document lengths say, and lists of the passages whose codes name them", (segment) => {
      const { codes, residuals } = readSegment(segment, header);
      const doclens = readLengths(segment);
      const bytes = readResidualSizes(segment) ? segment.info.files.residuals.bytes : undefined;
      const { folder, info: { tokens } } = segment;
      checkChunk(folder, codes, residuals, {
        tokens,
        bytes: bytes ?? tokens * residualBytes(dim, header.settings)!,
        partitions,
      });
      checkSegmentLists(segment, codes, doclens, partitions);
    }),
    each("norms are those of the decompressed vectors", (segment) => {
      const { codes, residuals } = readSegment(segment, header);
      const { least, step } = segment.info.norms;
      const factors = factorsOf(segment, codec, codes, residuals, asFloats(centroids), dim);
      const stored = readFile(join(segment.folder, FILES.norms));
      factors.forEach((factor, token) => {
        const found = least + stored[token] * step;
        const wanted = Math.min(Math.max(factor, least), least + 255 * step);
        if (Math.abs(found - wanted) <= DRIFT * step + 1e-6) return;
        throw badInput(segment.folder, `norm ${found} for token ${token}`, `${wanted}, or ${DRIFT * step} from it`);
      });
    }),
    each("metadata are those that were written", ({ folder, passages }) => readMetadata(folder, passages)),
    { name: "no id occurs twice", run: () => checkIds(folder, segments.flatMap(idsOrNull)) },
  ];
}

function checkSum(file: string, expected: string): void {
  if (sha256File(file) !== expected) throw badInput(file, "another checksum than when it was written", expected);
}

function checkIds(folder: string, ids: readonly (string | null)[]): void {
  const seen = new Set<string>();
  for (const id of ids) {
    if (id !== null && seen.has(id)) throw badInput(folder, `passage id ${quote(id)} twice`, "each id once");
    if (id !== null) seen.add(id);
  }
}

function readSegment({ folder }: StoredSegment, { code_bytes }: PlaidHeader) {
  const codes = unpackCodes(readFile(join(folder, FILES.codes)), code_bytes);
  return { codes, residuals: readFile(join(folder, FILES.residuals)) };
}

/** 1 / ‖centroid + residual‖ of each token, from what is stored. */
function factorsOf(
  segment: StoredSegment,
  codec: ResidualCodec,
  codes: Int32Array,
  residuals: Uint8Array,
  centroids: Float32Array,
  dim: number,
): Float32Array {
  const sizes = readResidualSizes(segment);
  const decode = decodePassage(codec, dim);
  const factors = new Float32Array(codes.length);
  let [first, start] = [0, 0];
  readLengths(segment).forEach((tokens, passage) => {
    const bytes = sizes?.[passage] ?? 0;
    const rest = decode(residuals, { first, tokens, start, bytes });
    for (let t = 0; t < tokens; t++) {
      factors[first + t] = inverseNorm(centroids, codes[first + t] * dim, rest, t * dim, dim);
    }
    first += tokens;
    start += bytes;
  });
  return factors;
}

/**
 * Compares the lists of a segment with its codes, cell by cell: no more than one cell's passages are in memory beside the codes.
 *
 * @throws {LatebenchError} for the first list that differs, and for one that is cut off
 */
function checkSegmentLists(
  segment: StoredSegment,
  codes: Int32Array,
  doclens: ArrayLike<number>,
  partitions: number,
): void {
  const { folder, passages } = segment;
  const lists = invertCodes([codes], Int32Array.from(doclens), partitions);
  const bytes = readFile(join(folder, FILES.lists));
  let [at, first] = [0, 0];
  readListSizes(segment).forEach((size, cell) => {
    const expected = lists.passages.subarray(first, first + lists.lengths[cell]);
    const found = size === 0 ? expected.subarray(0, 0) : decodeList(bytes.subarray(at, at + size), passages);
    const wrong = Math.max(found.length, expected.length) === 0
      ? -1
      : Array.prototype.findIndex.call(found, (passage, i) => passage !== expected[i]);
    if (wrong >= 0 || found.length !== expected.length) {
      const place = wrong >= 0 ? wrong : Math.min(found.length, expected.length);
      throw badInput(
        join(folder, FILES.lists),
        `the list of centroid ${cell}: ${found[place] ?? "its end"}`,
        `${expected[place] ?? "its end"}, by the codes`,
      );
    }
    at += size;
    first += expected.length;
  });
}
