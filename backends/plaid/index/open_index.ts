import { join } from "node:path";
import { badInput } from "../../../support/errors.ts";
import { createKernel, type Kernel, type KernelChoice, withSharedMemory } from "../../../kernels/kernel.ts";
import { type QuantisedRows, quantisedWidth, quantiseRows } from "../../../kernels/maxsim_i8.ts";
import { checkEncoder } from "../../vectors/open_vectors.ts";
import { type Access, openRowReader, readShared, type RowFile, rowsOf } from "../../vectors/rows.ts";
import { type Verification, verifyFiles } from "../../vectors/verify.ts";
import { idsOrNull } from "../../living/parts.ts";
import { hasBit } from "../../passage_bits.ts";
import { centroidsFile } from "./centroids.ts";
import { checkCodes, checkValues } from "./check_content.ts";
import { readCodec } from "./codebooks.ts";
import type { ResidualCodec } from "./codec.ts";
import { codeAt } from "./codes.ts";
import { FILES, MOST_PASSAGES, type PlaidHeader, readPlaidHeader, SHARED_FILES } from "./format.ts";
import { listSegments, readLengths, readListSizes, readResidualSizes, type StoredSegment } from "./segments.ts";

/** Files of neighbouring passages: those that an index was built from, or that were added later. */
export interface PlaidSegment {
  /** Number of the first passage: a multiple of 32, so that bits of passages do not share words. */
  readonly first: number;
  /** Passages in its files, deleted ones included: the lists name none beyond. */
  readonly passages: number;
  readonly files: Readonly<Record<"codes" | "residuals" | "norms" | "lists", RowFile>>;
  readonly norms: PlaidHeader["norms"];
  /** First byte of each centroid's list, and the end of the last one. */
  readonly listStarts: Float64Array<SharedArrayBuffer>;
}

/** Everything that a thread needs to search an index; can be sent to workers, which then share all of it. */
export interface PlaidSetup {
  readonly kernel: KernelChoice;
  readonly access: Access;
  readonly header: PlaidHeader;
  readonly centroids: RowFile;
  /** In passage order. */
  readonly segments: readonly PlaidSegment[];
  /** Tokens of each passage, and the number of its first one within its segment. Numbers that no passage has, have none. */
  readonly lengths: Int32Array<SharedArrayBuffer>;
  readonly starts: Float64Array<SharedArrayBuffer>;
  /** Tokens of all passages that are there. */
  readonly tokens: number;
  /** What stands for residuals. */
  readonly codec: ResidualCodec;
  /** Where each passage's residuals begin within its segment's, and their bytes; null where every token has the same. */
  readonly residualLists: ResidualLists | null;
  /** Bits of the passages that are there, uint32; null where every number below the last one is a passage's. */
  readonly live: Uint32Array<SharedArrayBuffer> | null;
  /** The centroids in int8; null where searches need none. */
  readonly centroidsI8: QuantisedRows | null;
  /** Tokens of each cell, uint32 `[partitions]`; null where searches need none. */
  readonly cellTokens: Uint32Array<SharedArrayBuffer> | null;
  /** Whether searches tell their stages (default true). */
  readonly tracing?: boolean;
}

/** Residuals of different sizes, by passage number. */
export interface ResidualLists {
  readonly starts: Float64Array<SharedArrayBuffer>;
  readonly bytes: Uint32Array<SharedArrayBuffer>;
}

/** What a search needs of an index besides its files. */
export interface SetupNeeds {
  /** Whether products with centroids are made in int8. */
  readonly int8: boolean;
  /** Whether it asks how many tokens the cells have: all codes are read, once. */
  readonly cellTokens?: boolean;
}

/** An index, opened. */
export interface OpenedPlaid {
  readonly setup: PlaidSetup;
  /** Passage ids by number; null where no passage has it (any more). */
  readonly ids: readonly (string | null)[];
  /** The files, by segment. */
  readonly stored: readonly StoredSegment[];
  /** Bytes of files that were read into memory; none where they are mapped. */
  readonly residentBytes: number;
}

/**
 * Opens an index: files are mapped where the kernel can, else read into memory that all threads share. Checksums are compared
 * once; lengths, and everything that loops take for addresses, always.
 *
 * @throws {LatebenchError} for files that are not those that were written or contradict one another, and for another encoder's index
 */
export function openPlaidIndex(
  folder: string,
  { kernel, encoderHash, int8, cellTokens = false, tracing, store, verify }: SetupNeeds & Verification & {
    readonly kernel: KernelChoice;
    readonly encoderHash?: string;
    readonly tracing?: boolean;
  },
): OpenedPlaid {
  const header = readPlaidHeader(folder);
  checkEncoder(folder, header.encoder, encoderHash);
  const trained = { file: centroidsFile(folder, header), ...header.files.centroids };
  const { codebooks } = header.files;
  const shared = codebooks ? [trained, { file: join(folder, SHARED_FILES.codebooks), ...codebooks }] : [trained];
  verifyFiles(shared, { store, verify });
  const stored = listSegments(folder, header, { store, verify });
  const choice = withSharedMemory(kernel);
  const own = createKernel(choice);
  const access: Access = own.mapFile ? "map" : "resident";
  let bytes = 0;
  const open = (file: string, size: number): RowFile => {
    bytes += size;
    return access === "map" ? { file, bytes: size } : readShared(own, { file, bytes: size });
  };
  const centroids = open(trained.file, trained.bytes);
  const firsts = firstNumbers(stored);
  const segments = stored.map((segment, i): PlaidSegment => {
    const { folder, passages, info: { files, norms } } = segment;
    const part = (name: keyof PlaidSegment["files"]) => open(join(folder, FILES[name]), files[name].bytes);
    return {
      first: firsts[i],
      passages,
      files: { codes: part("codes"), residuals: part("residuals"), norms: part("norms"), lists: part("lists") },
      norms,
      listStarts: startsOf(readListSizes(segment)),
    };
  });
  checkContent(own, access, header, centroids, stored, segments);
  const centroidsI8 = int8 ? quantiseCentroids(own, access, centroids, header) : null;
  const passages = layPassages(stored, firsts);
  const counted = cellTokens ? countCellTokens(own, access, segments, passages, header) : null;
  own.close();
  return {
    setup: {
      kernel: choice,
      access,
      header,
      centroids,
      segments,
      codec: readCodec(folder, header),
      ...passages,
      centroidsI8,
      cellTokens: counted,
      tracing,
    },
    ids: numberIds(stored, firsts),
    stored,
    residentBytes: access === "map" ? 0 : bytes,
  };
}

/** Looks at what searches take for addresses. */
function checkContent(
  kernel: Kernel,
  access: Access,
  header: PlaidHeader,
  centroids: RowFile,
  stored: readonly StoredSegment[],
  segments: readonly PlaidSegment[],
): void {
  using reader = openRowReader(kernel, access);
  checkValues(kernel, centroids.file, rowsOf(reader.read(centroids), header.partitions * header.dim));
  segments.forEach(({ files }, i) => {
    if (files.codes.bytes > 0) checkCodes(kernel, stored[i].folder, reader.read(files.codes), header);
  });
}

/** Number of each segment's first passage, and how many numbers there are. */
function firstNumbers(stored: readonly StoredSegment[]): number[] {
  const firsts = [0];
  stored.forEach(({ passages }, i) => {
    const last = i === stored.length - 1;
    firsts.push(firsts[i] + (last ? passages : 32 * Math.ceil(passages / 32)));
  });
  if (firsts[stored.length] > MOST_PASSAGES) {
    throw badInput(stored[0].folder, `${firsts[stored.length]} passages`, `at most ${MOST_PASSAGES}`);
  }
  return firsts;
}

function layPassages(
  stored: readonly StoredSegment[],
  firsts: readonly number[],
): Pick<PlaidSetup, "lengths" | "starts" | "tokens" | "residualLists" | "live"> {
  const numbers = firsts[stored.length];
  const lengths = new Int32Array(new SharedArrayBuffer(4 * numbers));
  const starts = new Float64Array(new SharedArrayBuffer(8 * numbers));
  const live = new Uint32Array(new SharedArrayBuffer(4 * Math.ceil(numbers / 32)));
  const residualLists = stored.some(({ info }) => info.files.residualSizes)
    ? {
      starts: new Float64Array(new SharedArrayBuffer(8 * numbers)),
      bytes: new Uint32Array(new SharedArrayBuffer(4 * numbers)),
    }
    : null;
  let tokens = 0;
  stored.forEach((segment, i) => {
    const { deleted } = segment;
    const sizes = readResidualSizes(segment);
    if (sizes) {
      residualLists!.bytes.set(sizes, firsts[i]);
      residualLists!.starts.set(startsOf(sizes).subarray(0, sizes.length), firsts[i]);
    }
    let token = 0;
    readLengths(segment).forEach((length, passage) => {
      const number = firsts[i] + passage;
      starts[number] = token;
      token += length;
      if (deleted && hasBit(deleted, passage)) return;
      lengths[number] = length;
      tokens += length;
      live[number >> 5] |= 1 << (number & 31);
    });
  });
  const whole = stored.length === 1 && !stored[0].deleted;
  return { lengths, starts, tokens, residualLists, live: whole ? null : live };
}

function numberIds(stored: readonly StoredSegment[], firsts: readonly number[]): (string | null)[] {
  const ids: (string | null)[] = new Array(firsts[stored.length]).fill(null);
  stored.forEach((segment, i) => idsOrNull(segment).forEach((id, passage) => ids[firsts[i] + passage] = id));
  return ids;
}

function startsOf(sizes: Uint32Array): Float64Array<SharedArrayBuffer> {
  const starts = new Float64Array(new SharedArrayBuffer(8 * (sizes.length + 1)));
  for (let cell = 0; cell < sizes.length; cell++) starts[cell + 1] = starts[cell] + sizes[cell];
  return starts;
}

function countCellTokens(
  kernel: Kernel,
  access: Access,
  segments: readonly PlaidSegment[],
  { lengths, starts }: Pick<PlaidSetup, "lengths" | "starts">,
  { partitions, code_bytes }: PlaidHeader,
): Uint32Array<SharedArrayBuffer> {
  using reader = openRowReader(kernel, access);
  const counts = new Uint32Array(new SharedArrayBuffer(4 * partitions));
  segments.forEach(({ first, files }, i) => {
    const codes = reader.read(files.codes);
    for (let passage = first; passage < (segments[i + 1]?.first ?? lengths.length); passage++) {
      const end = starts[passage] + lengths[passage];
      for (let token = starts[passage]; token < end; token++) counts[codeAt(codes, code_bytes, token)]++;
    }
  });
  return counts;
}

function quantiseCentroids(
  kernel: Kernel,
  access: Access,
  file: RowFile,
  { dim, partitions }: PlaidHeader,
): QuantisedRows {
  using reader = openRowReader(kernel, access);
  const width = quantisedWidth(dim);
  const values = kernel.allocate(partitions * width);
  const scales = new Float32Array(new SharedArrayBuffer(4 * partitions));
  const rows = { width, values, scales };
  quantiseRows(kernel, rowsOf(reader.read(file), partitions * dim), dim, rows, new Float32Array(partitions));
  return rows;
}
