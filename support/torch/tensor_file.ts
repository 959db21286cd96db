import { crc32 } from "node:zlib";
import type yauzl from "yauzl";
import { badInput, explainIoError, LatebenchError, quote } from "../errors.ts";
import { openFile } from "../open_file.ts";
import { openZip } from "../zip_reader.ts";
import { type PickledValue, readPickle } from "./pickle.ts";

/** The kinds of numbers that late-interaction indexes keep, by torch's names of their storages, with their bytes. */
export const STORAGES = {
  "torch.HalfStorage": 2,
  "torch.FloatStorage": 4,
  "torch.ByteStorage": 1,
  "torch.IntStorage": 4,
  "torch.LongStorage": 8,
} as const;

/** Bytes of a pickle of tensors, at the most: theirs have some hundred. */
const MOST_PICKLE = 1 << 20;
/** Sides of a tensor, at the most. */
const MOST_SIDES = 8;
/** Members of a file, at the most. */
const MOST_MEMBERS = 10_000;

/** Torch's name of a kind of numbers. */
export type Storage = keyof typeof STORAGES;

/** A tensor of a `.pt` file, without its numbers. */
export interface StoredTensor {
  readonly file: string;
  readonly storage: Storage;
  readonly shape: readonly number[];
  /** Where its numbers begin in the file, and how many bytes they are. */
  readonly start: number;
  readonly bytes: number;
  /** CRC-32 of these bytes; null where the file says none for just them. */
  readonly crc32: number | null;
}

/**
 * Reads where the one tensor of a file lies that `torch.save` has written (1.6 and later: a zip file with a pickle in it). Nothing in
 * the pickle is executed.
 *
 * @throws {LatebenchError} for files that are damaged, older, or hold something else than one contiguous tensor
 */
export async function readTensorFile(file: string): Promise<StoredTensor> {
  const tensors = await readTensors(file);
  if (!("file" in tensors)) throw badInput(file, `a tuple of ${tensors.length}`, "one contiguous tensor");
  return tensors;
}

/**
 * The same of a file that holds a tuple of tensors.
 *
 * @throws {LatebenchError} as {@link readTensorFile} does, and where there are not `count` of them
 */
export async function readTensorTuple(file: string, count: number): Promise<readonly StoredTensor[]> {
  const tensors = await readTensors(file);
  if ("file" in tensors || tensors.length !== count) {
    throw badInput(file, "another value", `a tuple of ${count} tensors`);
  }
  return tensors;
}

async function readTensors(file: string): Promise<StoredTensor | readonly StoredTensor[]> {
  const expected = "a tensor as torch.save writes it since 1.6";
  try {
    const zip = await openZip(file);
    try {
      const entries = new Map<string, yauzl.Entry>();
      for await (const entry of zip.eachEntry()) {
        const name = entry.fileName.replace(/^[^/]*\//, "");
        if (entries.has(name)) throw badInput(file, `${quote(name)} twice`, expected);
        if (entries.size >= MOST_MEMBERS) throw badInput(file, `more than ${MOST_MEMBERS} members`, expected);
        entries.set(name, entry);
      }
      const pickle = entries.get("data.pkl");
      if (!pickle) throw badInput(file, "a zip file without data.pkl", expected);
      if (Math.max(pickle.uncompressedSize, pickle.compressedSize) > MOST_PICKLE) {
        throw badInput(file, `a pickle of ${pickle.uncompressedSize} bytes`, `one up to ${MOST_PICKLE}`);
      }
      const pieces: Uint8Array[] = [];
      for await (const piece of await zip.openReadStreamPromise(pickle)) pieces.push(piece);
      const content = new Uint8Array(await new Blob(pieces as Uint8Array<ArrayBuffer>[]).arrayBuffer());
      const value = readPickle(file, content);
      return Array.isArray(value) ? value.map((one) => locate(file, entries, one)) : locate(file, entries, value);
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

/** Finds the numbers of a tensor in the zip file. */
function locate(file: string, entries: ReadonlyMap<string, yauzl.Entry>, value: PickledValue): StoredTensor {
  const tensor = describeTensor(value);
  if (!tensor) throw badInput(file, "a pickle of something else", "one contiguous tensor");
  const data = entries.get(`data/${tensor.key}`);
  const bytes = tensor.shape.includes(0)
    ? 0
    : tensor.shape.reduce((product, size) => product * size, STORAGES[tensor.storage]);
  if (!data || data.compressionMethod !== 0 || !(tensor.first + bytes <= data.uncompressedSize)) {
    const found = `${data?.uncompressedSize ?? "no"} bytes of numbers`;
    throw badInput(file, found, `${tensor.first + bytes}, not packed`);
  }
  const start = dataStart(file, data.relativeOffsetOfLocalHeader) + tensor.first;
  const whole = Deno.statSync(file).size;
  if (start + bytes > whole) throw badInput(file, `${whole} bytes`, `${start + bytes}, as its directory says`);
  const crc32 = data.uncompressedSize === bytes ? data.crc32 : null;
  return { file, storage: tensor.storage, shape: tensor.shape, start, bytes, crc32 };
}

/**
 * All numbers of a tensor.
 *
 * @throws {LatebenchError} where they are not those that were written
 */
export function readTensorBytes(tensor: StoredTensor): Uint8Array<ArrayBuffer> {
  using reader = openTensor(tensor);
  const bytes = reader.read(tensor.bytes);
  if (tensor.crc32 === null || crc32(bytes) === tensor.crc32) return bytes;
  throw badInput({ file: tensor.file, byte: tensor.start }, "other numbers than were written", "those of its checksum");
}

/** The bytes of a tensor, from its beginning on. */
export interface TensorReader extends Disposable {
  /** The next `bytes` of them. */
  read(bytes: number): Uint8Array<ArrayBuffer>;
}

/** Opens the numbers of a tensor. */
export function openTensor({ file, start }: StoredTensor): TensorReader {
  const open = openFile(file);
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

/** The arguments of `torch._utils._rebuild_tensor_v2`, where they make sense. */
function describeTensor(value: PickledValue): {
  readonly storage: Storage;
  readonly key: string;
  readonly first: number;
  readonly shape: readonly number[];
} | null {
  if (!isKind(value, "call") || nameOf(value.callee) !== "torch._utils._rebuild_tensor_v2") return null;
  if (!Array.isArray(value.args)) return null;
  const [stored, offset, shape, strides] = value.args;
  if (!isKind(stored, "reference") || !Array.isArray(stored.id) || !isSize(offset)) return null;
  const [kind, type, key] = stored.id;
  const storage = Object.keys(STORAGES).find((known) => known === nameOf(type)) as Storage | undefined;
  if (kind !== "storage" || !storage || typeof key !== "string" || !isSizes(shape) || !isSizes(strides)) return null;
  if (shape.length !== strides.length || shape.length > MOST_SIDES) return null;
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
  return Array.isArray(value) && value.every(isSize);
}

function isSize(value: PickledValue | undefined): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** The first byte of a member: its local header has a name and an extra field of lengths of their own. */
function dataStart(file: string, header: number): number {
  using open = openFile(file);
  open.seekSync(header, Deno.SeekMode.Start);
  const bytes = new Uint8Array(30);
  open.readSync(bytes);
  const view = new DataView(bytes.buffer);
  return header + 30 + view.getUint16(26, true) + view.getUint16(28, true);
}
