import { join } from "node:path";
import { badInput, quote } from "../../support/errors.ts";
import { sha256File } from "../../support/hash.ts";
import { idsOrNull } from "../living/parts.ts";
import { asFloats, numbersOf } from "../vectors/rows.ts";
import { inverseNorm } from "./build/residuals.ts";
import { checkCodebook, checkNumbers } from "./foreign/foreign_index.ts";
import { checkListsOf } from "./foreign/lists.ts";
import { readCodec } from "./index/codebooks.ts";
import type { ResidualCodec } from "./index/codec.ts";
import { decodePassage } from "./index/decode.ts";
import { centroidsFile, readCentroids } from "./index/centroids.ts";
import { unpackCodes } from "./index/codes.ts";
import { FILES, type PlaidHeader, readPlaidHeader, residualBytes, SHARED_FILES } from "./index/format.ts";
import { decodeList, LIST_PADDING } from "./index/gaps.ts";
import { filesOf, listSegments, readLengths, readResidualSizes, type StoredSegment } from "./index/segments.ts";

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
      const doclens = [...readLengths(segment)];
      const tokens = doclens.reduce((sum, length) => sum + length, 0);
      if (tokens !== segment.info.tokens) {
        throw badInput(segment.folder, `lengths of ${tokens} tokens`, `${segment.info.tokens}`);
      }
      const listed = readResidualSizes(segment)?.reduce((sum, size) => sum + size, LIST_PADDING);
      const bytes = listed ?? tokens * residualBytes(dim, header.settings)!;
      const chunk = { doclens, tokens, codes: () => codes, residuals: () => residuals };
      const { folder } = segment;
      checkListsOf({ folder, partitions, chunks: [chunk], lists: readLists(folder) }, () => bytes);
    }),
    each("norms are those of the decompressed vectors", (segment) => {
      const { codes, residuals } = readSegment(segment, header);
      const { least, step } = segment.info.norms;
      const factors = factorsOf(segment, codec, codes, residuals, asFloats(centroids), dim);
      const stored = Deno.readFileSync(join(segment.folder, FILES.norms));
      factors.forEach((factor, token) => {
        const found = least + stored[token] * step;
        const wanted = Math.min(Math.max(factor, least), least + 255 * step);
        if (Math.abs(found - wanted) <= DRIFT * step + 1e-6) return;
        throw badInput(segment.folder, `norm ${found} for token ${token}`, `${wanted}, or ${DRIFT * step} from it`);
      });
    }),
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
  const codes = unpackCodes(Deno.readFileSync(join(folder, FILES.codes)), code_bytes);
  return { codes, residuals: Deno.readFileSync(join(folder, FILES.residuals)) };
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
    const rest = decode(residuals, { first, tokens, start });
    for (let t = 0; t < tokens; t++) {
      factors[first + t] = inverseNorm(centroids, codes[first + t] * dim, rest, t * dim, dim);
    }
    first += tokens;
    start += sizes?.[passage] ?? 0;
  });
  return factors;
}

function readLists(folder: string): { readonly passages: Int32Array; readonly lengths: Int32Array } {
  const bytes = Deno.readFileSync(join(folder, FILES.lists));
  const sizes = new Uint32Array(Deno.readFileSync(join(folder, FILES.listSizes)).buffer);
  let at = 0;
  const lists = Array.from(sizes, (size) => {
    const list = size === 0 ? new Int32Array(0) : decodeList(bytes.subarray(at, at + size));
    at += size;
    return list;
  });
  const passages = new Int32Array(lists.reduce((sum, list) => sum + list.length, 0));
  let first = 0;
  for (const list of lists) {
    passages.set(list, first);
    first += list.length;
  }
  return { passages, lengths: Int32Array.from(lists, (list) => list.length) };
}
