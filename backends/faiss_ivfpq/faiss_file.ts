import { openHashed } from "../../support/atomic_write.ts";
import { badInput } from "../../support/errors.ts";
import { checkFinite } from "../check_content.ts";

/** An `IndexIVFPQ` over an `IndexFlatL2`, with residual codes, as FAISS writes it (`faiss/impl/index_write.cpp`). */
export interface IvfpqFile {
  readonly dim: number;
  readonly total: number;
  readonly nprobe: number;
  /** float32 `[partitions, dim]`. */
  readonly centroids: Float32Array;
  readonly m: number;
  readonly ksub: number;
  /** float32 `[m, ksub, dim / m]`. */
  readonly codebooks: Float32Array;
  /** Codes of each list, the first byte of them and of their ids within the file. */
  readonly sizes: Int32Array;
  readonly codeStarts: Float64Array;
  readonly idStarts: Float64Array;
}

const METRIC_L2 = 1;
/** The most dimensions, and the most of anything else: FAISS and the kernels count in 31 bits. */
const MOST_DIMENSIONS = 2 ** 16;
const MOST = 2 ** 31 - 1;
/** What FAISS writes where it once had fields. */
const DUMMY = 1n << 20n;

/**
 * Reads everything but codes and ids. Every number is checked against the others and the size of the file: FAISS itself ends the
 * process where a length is wrong, and the kernels take them for granted.
 *
 * @param bytes the whole file (or its memory map)
 * @throws {LatebenchError} for a file that is no such index, and for one that is cut off
 */
export function readIvfpq(file: string, bytes: Uint8Array): IvfpqFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const need = (size: number) => {
    if (!(size >= 0 && at + size <= bytes.length)) {
      throw badInput({ file, byte: at }, `${bytes.length} bytes`, `${at + size} or more of an IVFPQ index`);
    }
    at += size;
    return at - size;
  };
  const word = () => String.fromCharCode(...bytes.subarray(need(4), at));
  const expect = (...known: string[]) => {
    const found = word();
    if (known.includes(found)) return found;
    throw badInput({ file, byte: at - 4 }, JSON.stringify(found), known.map((one) => JSON.stringify(one)).join(" or "));
  };
  const long = (most = MOST) => {
    const value = view.getBigUint64(need(8), true);
    if (value <= BigInt(most)) return Number(value);
    throw badInput({ file, byte: at - 8 }, `the number ${value}`, `one up to ${most}`);
  };
  const floats = (count: number) => new Float32Array(bytes.slice(need(4 * count), at).buffer);
  const header = () => {
    const dim = view.getInt32(need(4), true);
    if (dim < 1 || dim > MOST_DIMENSIONS) throw badInput(file, `${dim} dimensions`, `1 to ${MOST_DIMENSIONS}`);
    const total = long();
    need(16); // the dummies
    const trained = view.getUint8(need(1));
    const metric = view.getInt32(need(4), true);
    if (trained !== 1 || metric !== METRIC_L2) {
      throw badInput(file, `metric ${metric}, trained ${trained}`, "a trained index with L2");
    }
    return { dim, total };
  };
  expect("IwPQ");
  const { dim, total } = header();
  const partitions = long();
  if (partitions === 0) throw badInput(file, "0 lists", "at least one");
  const nprobe = long();
  expect("IxF2");
  const flat = header();
  if (flat.dim !== dim || flat.total !== partitions) throw badInput(file, `${flat.total} centroids`, `${partitions}`);
  if (long(Number.MAX_SAFE_INTEGER) !== partitions * dim) {
    throw badInput(file, "centroids of another size", `${partitions} × ${dim}`);
  }
  const centroids = floats(partitions * dim);
  const direct = view.getUint8(need(1));
  if (direct > 1) throw badInput(file, `a direct map of kind ${direct}`, "none");
  need(8 * long());
  const byResidual = view.getUint8(need(1));
  const codeSize = long();
  if (long() !== dim || byResidual !== 1) throw badInput(file, "codes of vectors", "codes of residuals");
  const m = long();
  const nbits = long();
  if (nbits !== 8 || codeSize !== m) throw badInput(file, `${nbits} bits`, "8 bits a sub-quantiser");
  if (m < 1 || dim % m !== 0) throw badInput(file, `${m} sub-quantisers`, `a number that divides ${dim}`);
  const ksub = 2 ** nbits;
  if (long() !== ksub * dim) throw badInput(file, "codebooks of another size", `${m} × ${ksub} × ${dim / m}`);
  const codebooks = floats(ksub * dim);
  expect("ilar");
  if (long() !== partitions || long() !== codeSize) {
    throw badInput(file, "other lists", `${partitions} of ${codeSize} bytes`);
  }
  const sizes = new Int32Array(partitions);
  const sparse = expect("full", "sprs") === "sprs";
  const entries = long();
  if (sparse ? entries % 2 !== 0 || entries > 2 * partitions : entries !== partitions) {
    throw badInput(file, `${entries} sizes of lists`, `those of ${partitions} lists`);
  }
  for (let i = 0; i < (sparse ? entries / 2 : entries); i++) {
    const list = sparse ? long() : i;
    if (list >= partitions) throw badInput(file, `list ${list}`, `one below ${partitions}`);
    sizes[list] = long();
  }
  const listed = sizes.reduce((sum, size) => sum + size, 0);
  if (listed !== total) throw badInput(file, `${listed} vectors in its lists`, `${total}`);
  const codeStarts = new Float64Array(partitions);
  const idStarts = new Float64Array(partitions);
  for (let list = 0; list < partitions; list++) {
    codeStarts[list] = need(sizes[list] * m);
    idStarts[list] = need(sizes[list] * 8);
  }
  if (at !== bytes.length) throw badInput(file, `${bytes.length} bytes`, `${at}`);
  checkFinite(file, centroids);
  checkFinite(file, codebooks);
  return { dim, total, nprobe, centroids, m, ksub, codebooks, sizes, codeStarts, idStarts };
}

/**
 * Reads the numbers of all vectors.
 *
 * @throws {LatebenchError} for one that is too large or occurs twice
 */
export function checkVectorNumbers(file: string, bytes: Uint8Array, { sizes, idStarts, total }: IvfpqFile): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const seen = new Uint8Array(total);
  sizes.forEach((size, list) => {
    for (let at = idStarts[list]; at < idStarts[list] + 8 * size; at += 8) {
      const number = view.getUint32(at, true) + 2 ** 32 * view.getUint32(at + 4, true);
      if (!(number < total)) throw badInput({ file, byte: at }, `vector ${number}`, `one below ${total}`);
      if (seen[number]++ > 0) throw badInput({ file, byte: at }, `vector ${number} twice`, "each once");
    }
  });
}

/** The vectors' codes, in the order of their numbers, and the list of each. */
export interface EncodedVectors {
  readonly names: Int32Array;
  /** uint8 `[total, m]`. */
  readonly codes: Uint8Array;
}

/** Writes an index that FAISS reads; tells the file's size and checksum. */
export function writeIvfpq(
  path: string,
  { dim, nprobe, centroids, m, ksub, codebooks }: Pick<
    IvfpqFile,
    "dim" | "nprobe" | "centroids" | "m" | "ksub" | "codebooks"
  >,
  { names, codes }: EncodedVectors,
): { readonly bytes: number; readonly sha256: string } {
  using file = openHashed(path);
  const partitions = centroids.length / dim;
  const encoder = new TextEncoder();
  const bytes = (array: Float32Array | BigUint64Array | Uint8Array) =>
    file.write(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  const word = (text: string) => file.write(encoder.encode(text));
  const long = (...values: number[]) => bytes(BigUint64Array.from(values, BigInt));
  const header = (total: number) => {
    const head = new DataView(new ArrayBuffer(33));
    head.setInt32(0, dim, true);
    head.setBigInt64(4, BigInt(total), true);
    head.setBigInt64(12, DUMMY, true);
    head.setBigInt64(20, DUMMY, true);
    head.setUint8(28, 1);
    head.setInt32(29, METRIC_L2, true);
    file.write(new Uint8Array(head.buffer));
  };
  word("IwPQ");
  header(names.length);
  long(partitions, nprobe);
  word("IxF2");
  header(partitions);
  long(centroids.length);
  bytes(centroids);
  file.write(new Uint8Array(1)); // no direct map
  long(0);
  file.write(Uint8Array.of(1)); // by residual
  long(m, dim, m, 8, ksub * dim);
  bytes(codebooks);
  word("ilar");
  long(partitions, m);
  const sizes = new Array<number>(partitions).fill(0);
  for (const name of names) sizes[name]++;
  const filled = sizes.map((size, list) => [list, size]).filter(([, size]) => size > 0);
  const full = filled.length > partitions / 2;
  word(full ? "full" : "sprs");
  const listed = full ? sizes : filled.flat();
  long(listed.length, ...listed);
  const places = new Float64Array(partitions);
  for (let list = 1; list < partitions; list++) places[list] = places[list - 1] + sizes[list - 1];
  const order = new Int32Array(names.length);
  const next = places.slice();
  names.forEach((name, i) => order[next[name]++] = i);
  for (const [list, size] of filled) {
    const own = order.subarray(places[list], places[list] + size);
    const part = new Uint8Array(size * m);
    own.forEach((vector, i) => part.set(codes.subarray(vector * m, (vector + 1) * m), i * m));
    file.write(part);
    bytes(BigUint64Array.from(own, BigInt));
  }
  return file.commit();
}
