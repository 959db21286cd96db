import { openAtomic } from "./atomic_write.ts";
import { badInput, explainIoError, quote } from "./errors.ts";
import { openFile } from "./open_file.ts";

/** Kinds of numbers in NumPy's files, with their bytes. */
const TYPES = { "<f2": 2, "<f4": 4, "|u1": 1, "<i4": 4, "<i8": 8 } as const;

/** NumPy's name of a kind of numbers: fp16, float32, uint8, int32, int64. */
export type NpyType = keyof typeof TYPES;

/** An array of a `.npy` file, without its numbers. */
export interface StoredArray {
  readonly file: string;
  readonly type: NpyType;
  readonly shape: readonly number[];
  /** Where its numbers begin in the file, and how many bytes they are. */
  readonly start: number;
  readonly bytes: number;
}

const MAGIC = "\x93NUMPY";
/** Bytes of a header, and sides of an array: more are those of no index. */
const MOST_HEADER = 1 << 16;
const MOST_SIDES = 8;
const EXPECTED = "an array as numpy.save writes it";

/**
 * Reads the header of a `.npy` file (NumPy's format, versions 1 to 3), and checks that all numbers are there.
 *
 * @throws {LatebenchError} for files that are none, are cut off or too long, and for arrays in Fortran's order and of other kinds of numbers
 */
export function readNpyHeader(file: string): StoredArray {
  try {
    using open = openFile(file);
    const head = new Uint8Array(12);
    const read = open.readSync(head) ?? 0;
    const magic = String.fromCharCode(...head.subarray(0, 6));
    if (read < 12 || magic !== MAGIC) throw badInput(file, "no header of NumPy's", EXPECTED);
    const view = new DataView(head.buffer);
    const long = head[6] > 1;
    const size = long ? view.getUint32(8, true) : view.getUint16(8, true);
    const start = (long ? 12 : 10) + size;
    const { size: whole } = open.statSync();
    if (start > whole || size > MOST_HEADER) throw badInput(file, `a header of ${size} bytes in ${whole}`, EXPECTED);
    const text = new Uint8Array(size);
    open.seekSync(start - size, Deno.SeekMode.Start);
    open.readSync(text);
    const { type, shape } = parseHeader(file, new TextDecoder("latin1").decode(text));
    // A product too large for whole numbers is larger than any file, unless a side is 0: then it could be no number at all.
    const bytes = shape.includes(0) ? 0 : shape.reduce((product, side) => product * side, TYPES[type]);
    if (whole !== start + bytes) {
      throw badInput(file, `${whole} bytes`, `${start + bytes}: ${type} ${shape.join(" × ")} after a header`);
    }
    return { file, type, shape, start, bytes };
  } catch (error) {
    throw explainIoError(error, file);
  }
}

/**
 * Reads some numbers of an array: rows, where it has several dimensions.
 *
 * @param from the first
 * @param count how many; all that follow unless given
 */
export function readNpy(
  { file, type, shape, start }: StoredArray,
  from = 0,
  count = shape[0] - from,
): Uint8Array<ArrayBuffer> {
  const width = shape.slice(1).reduce((product, side) => product * side, TYPES[type]);
  const bytes = new Uint8Array(count * width);
  try {
    using open = openFile(file);
    open.seekSync(start + from * width, Deno.SeekMode.Start);
    for (let at = 0; at < bytes.length;) {
      const read = open.readSync(bytes.subarray(at));
      if (read === null) throw badInput(file, "the end of the file", "more numbers");
      at += read;
    }
  } catch (error) {
    throw explainIoError(error, file);
  }
  return bytes;
}

/**
 * Writes an array as `numpy.save` does.
 *
 * @param pieces all of its bytes, in order
 * @throws {RangeError} where the pieces are not as many bytes as the shape says
 */
export function writeNpy(path: string, type: NpyType, shape: readonly number[], pieces: Iterable<Uint8Array>): void {
  const sides = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const dictionary = `{'descr': '${type}', 'fortran_order': False, 'shape': (${sides}), }`;
  const size = Math.ceil((10 + dictionary.length + 1) / 64) * 64 - 10;
  const head = new Uint8Array(10 + size).fill(0x20);
  head.set(Uint8Array.from(`${MAGIC}\x01\x00`, (character) => character.charCodeAt(0)));
  new DataView(head.buffer).setUint16(8, size, true);
  head.set(new TextEncoder().encode(dictionary), 10);
  head[head.length - 1] = 0x0a;
  using file = openAtomic(path);
  file.write(head);
  for (const piece of pieces) file.write(piece);
  const bytes = shape.reduce((product, side) => product * side, TYPES[type]);
  if (file.length !== head.length + bytes) throw new RangeError(`${file.length - head.length} bytes for ${dictionary}`);
  file.commit();
}

/** The header is a Python dictionary with three known keys; nothing else is accepted, and nothing is evaluated. */
function parseHeader(file: string, text: string): Pick<StoredArray, "type" | "shape"> {
  const value = (key: string, pattern: string) => new RegExp(`'${key}':\\s*${pattern}\\s*[,}]`).exec(text)?.[1];
  const type = value("descr", "'([^']*)'");
  const order = value("fortran_order", "(True|False)");
  const shape = value("shape", "\\(([\\d,\\s]*)\\)");
  if (
    !text.startsWith("{") || !text.trimEnd().endsWith("}") || type === undefined || order === undefined ||
    shape === undefined
  ) {
    throw badInput(file, "a broken header", EXPECTED);
  }
  if (!Object.hasOwn(TYPES, type)) {
    throw badInput(file, `numbers of type ${quote(type)}`, Object.keys(TYPES).join(", "));
  }
  if (order === "True") throw badInput(file, "Fortran's order", "C's order");
  const sides = shape.split(",").map((side) => side.trim()).filter((side) => side !== "").map(Number);
  if (sides.length > MOST_SIDES || !sides.every(Number.isSafeInteger)) {
    throw badInput(file, `the shape ${quote(shape)}`, "sizes");
  }
  return { type: type as NpyType, shape: sides };
}
