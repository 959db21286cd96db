import { basename } from "node:path";
import { Zip, ZipPassThrough } from "fflate";
import yauzl from "yauzl";
import { openAtomic } from "../atomic_write.ts";
import { badInput, explainIoError, LatebenchError } from "../errors.ts";
import { type PickledValue, readPickle } from "./pickle.ts";

/** The kinds of numbers that late-interaction indexes keep, by torch's names of their storages, with their bytes. */
const STORAGES = {
  "torch.HalfStorage": 2,
  "torch.FloatStorage": 4,
  "torch.ByteStorage": 1,
  "torch.IntStorage": 4,
  "torch.LongStorage": 8,
} as const;

/** A tensor of a `.pt` file, without its numbers. */
export interface StoredTensor {
  readonly file: string;
  readonly storage: keyof typeof STORAGES;
  readonly shape: readonly number[];
  /** Where its numbers begin in the file, and how many bytes they are. */
  readonly start: number;
  readonly bytes: number;
}

/** A zip file of more has another format, which nothing here writes. */
export const MOST_TENSOR_BYTES = 2 ** 32 - 2 ** 20;

/**
 * Reads where the one tensor of a file lies that `torch.save` has written (1.6 and later: a zip file with a pickle in it). Nothing in
 * the pickle is executed.
 *
 * @throws {LatebenchError} for files that are damaged, older, or hold something else than one contiguous tensor
 */
export async function readTensorFile(file: string): Promise<StoredTensor> {
  const expected = "a tensor as torch.save writes it since 1.6";
  try {
    const zip = await yauzl.openPromise(file, { strictFileNames: true, autoClose: false });
    try {
      const entries = new Map<string, yauzl.Entry>();
      for await (const entry of zip.eachEntry()) entries.set(entry.fileName.replace(/^[^/]*\//, ""), entry);
      const pickle = entries.get("data.pkl");
      if (!pickle) throw badInput(file, "a zip file without data.pkl", expected);
      const pieces: Uint8Array[] = [];
      for await (const piece of await zip.openReadStreamPromise(pickle)) pieces.push(piece);
      const content = new Uint8Array(await new Blob(pieces as Uint8Array<ArrayBuffer>[]).arrayBuffer());
      const tensor = describeTensor(readPickle(file, content));
      if (!tensor) throw badInput(file, "a pickle of something else", "one contiguous tensor");
      const data = entries.get(`data/${tensor.key}`);
      const bytes = tensor.shape.reduce((product, size) => product * size, STORAGES[tensor.storage]);
      if (!data || data.compressionMethod !== 0 || data.uncompressedSize < tensor.first + bytes) {
        throw badInput(
          file,
          `${data?.uncompressedSize ?? "no"} bytes of numbers`,
          `${tensor.first + bytes}, not packed`,
        );
      }
      const start = dataStart(file, data.relativeOffsetOfLocalHeader) + tensor.first;
      return { file, storage: tensor.storage, shape: tensor.shape, start, bytes };
    } finally {
      zip.close();
    }
  } catch (error) {
    if (error instanceof LatebenchError) throw error;
    const explained = explainIoError(error, file);
    if (explained !== error) throw explained;
    throw badInput(file, `no zip file (${(error as Error).message})`, expected);
  }
}

/** The bytes of a tensor, from its beginning on. */
export interface TensorReader extends Disposable {
  /** The next `bytes` of them. */
  read(bytes: number): Uint8Array<ArrayBuffer>;
}

/** Opens the numbers of a tensor. */
export function openTensor({ file, start }: StoredTensor): TensorReader {
  const open = Deno.openSync(file, { read: true });
  let at = open.seekSync(start, Deno.SeekMode.Start);
  return {
    read(bytes) {
      const piece = new Uint8Array(bytes);
      for (let done = 0; done < bytes;) {
        const read = open.readSync(piece.subarray(done));
        if (read === null) throw badInput({ file, byte: at }, "the end of the file", "more numbers");
        done += read;
        at += read;
      }
      return piece;
    },
    [Symbol.dispose]: () => open.close(),
  };
}

/**
 * Writes a tensor of fp16 numbers as `torch.save` does, so that `torch.load` reads it.
 *
 * @param pieces all of its bytes, in order
 * @throws {RangeError} where the pieces are not as many bytes as the shape says
 */
export function writeHalfTensor(path: string, shape: readonly [number, number], pieces: Iterable<Uint8Array>): void {
  using file = openAtomic(path);
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    file.write(chunk);
  });
  const name = basename(path).replace(/\.[^.]*$/, "");
  const add = (entry: string, content: Iterable<Uint8Array>) => {
    const stream = new ZipPassThrough(`${name}/${entry}`);
    stream.mtime = new Date(1980, 0, 1); // the same tensor gives the same bytes
    zip.add(stream);
    for (const piece of content) stream.push(piece);
    stream.push(new Uint8Array(0), true);
  };
  const text = (value: string) => [new TextEncoder().encode(value)];
  let bytes = 0;
  const counted = function* () {
    for (const piece of pieces) {
      bytes += piece.length;
      yield piece;
    }
  };
  add("data.pkl", [pickleTensor(shape)]);
  add("byteorder", text("little"));
  add("data/0", counted());
  add("version", text("3\n"));
  if (bytes !== 2 * shape[0] * shape[1]) {
    throw new RangeError(`${bytes} bytes for a tensor of ${shape.join(" × ")} halves`);
  }
  zip.end();
  file.commit();
}

/** The arguments of `torch._utils._rebuild_tensor_v2`, where they make sense. */
function describeTensor(value: PickledValue): {
  readonly storage: keyof typeof STORAGES;
  readonly key: string;
  readonly first: number;
  readonly shape: readonly number[];
} | null {
  if (!isKind(value, "call") || nameOf(value.callee) !== "torch._utils._rebuild_tensor_v2") return null;
  if (!Array.isArray(value.args)) return null;
  const [stored, offset, shape, strides] = value.args;
  if (!isKind(stored, "reference") || !Array.isArray(stored.id) || typeof offset !== "number") return null;
  const [kind, type, key] = stored.id;
  const storage = Object.keys(STORAGES).find((known) => known === nameOf(type)) as keyof typeof STORAGES | undefined;
  if (kind !== "storage" || !storage || typeof key !== "string" || !isSizes(shape) || !isSizes(strides)) return null;
  let stride = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    if (shape[d] !== 1 && strides[d] !== stride) return null;
    stride *= shape[d];
  }
  return { storage, key, first: offset * STORAGES[storage], shape };
}

function isKind<K extends "call" | "reference" | "name">(
  value: PickledValue | undefined,
  kind: K,
): value is Extract<PickledValue, { readonly kind: K }> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && value.kind === kind;
}

function nameOf(value: PickledValue | undefined): string | null {
  return isKind(value, "name") ? value.name : null;
}

function isSizes(value: PickledValue | undefined): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);
}

/** The first byte of a member: its local header has a name and an extra field of lengths of their own. */
function dataStart(file: string, header: number): number {
  using open = Deno.openSync(file, { read: true });
  open.seekSync(header, Deno.SeekMode.Start);
  const bytes = new Uint8Array(30);
  open.readSync(bytes);
  const view = new DataView(bytes.buffer);
  return header + 30 + view.getUint16(26, true) + view.getUint16(28, true);
}

function pickleTensor([rows, dim]: readonly [number, number]): Uint8Array {
  const number = (value: number) => {
    const long = new DataView(new ArrayBuffer(10));
    long.setUint16(0, 0x8a07); // LONG1 of seven bytes
    long.setBigInt64(2, BigInt(value), true);
    return String.fromCharCode(...new Uint8Array(long.buffer, 0, 9));
  };
  const text = (value: string) => `X${String.fromCharCode(value.length, 0, 0, 0)}${value}`;
  const storage = `(${text("storage")}ctorch\nHalfStorage\n${text("0")}${text("cpu")}${number(rows * dim)}tQ`;
  const sizes = `${number(0)}${number(rows)}${number(dim)}\x86${number(dim)}${number(1)}\x86`;
  const all = `\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(${storage}${sizes}\x89ccollections\nOrderedDict\n)RtR.`;
  return Uint8Array.from(all, (character) => character.charCodeAt(0));
}
