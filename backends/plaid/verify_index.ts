import { join } from "node:path";
import { badInput, quote } from "../../support/errors.ts";
import { sha256File } from "../../support/hash.ts";
import { idsOrNull } from "../living/parts.ts";
import { asFloats } from "../vectors/rows.ts";
import { checkCodebook } from "./foreign/foreign_index.ts";
import { normFactors } from "./foreign/import_index.ts";
import { checkLists } from "./foreign/lists.ts";
import { byteWeights } from "./index/codec.ts";
import { centroidsFile, readCentroids } from "./index/centroids.ts";
import { unpackCodes } from "./index/codes.ts";
import { FILES, type PlaidHeader, readPlaidHeader } from "./index/format.ts";
import { decodeList } from "./index/gaps.ts";
import { listSegments, readLengths, type StoredSegment } from "./index/segments.ts";

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
  const { partitions, dim, settings: { nbits } } = header;
  const centroids = readCentroids(folder, header);
  const segments = listSegments(folder, header);
  const codebook = {
    folder,
    dim,
    nbits,
    partitions,
    centroids,
    cutoffs: Float32Array.from(header.cutoffs),
    weights: Float32Array.from(header.weights),
    averageResidual: Float32Array.of(header.average_residual),
  };
  const each = (name: string, check: (segment: StoredSegment) => void): IndexCheck => ({
    name,
    run: () => segments.forEach(check),
  });
  return [
    { name: "centroids and buckets are numbers in order", run: () => checkCodebook(codebook) },
    {
      name: "checksums",
      run() {
        checkSum(centroidsFile(folder, header), header.files.centroids.sha256);
        for (const { folder, info: { files } } of segments) {
          for (const [name, { sha256 }] of Object.entries(files)) {
            if (name !== "centroids") checkSum(join(folder, FILES[name as keyof typeof files]), sha256);
          }
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
      const chunk = { doclens, tokens, codes: () => codes, residuals: () => residuals };
      checkLists({ folder: segment.folder, dim, nbits, partitions, chunks: [chunk], lists: readLists(segment.folder) });
    }),
    each("norms are those of the decompressed vectors", (segment) => {
      const { codes, residuals } = readSegment(segment, header);
      const { least, step } = segment.info.norms;
      const meaning = byteWeights({ nbits, weights: codebook.weights });
      const factors = normFactors(codes, residuals, asFloats(centroids), meaning, dim);
      const stored = Deno.readFileSync(join(segment.folder, FILES.norms));
      factors.forEach((factor, token) => {
        const found = least + stored[token] * step;
        // Merging segments rounds a norm once more.
        if (Math.abs(found - factor) <= 1.01 * step + 1e-6) return;
        throw badInput(segment.folder, `norm ${found} for token ${token}`, `${factor} or ${step} from it`);
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
