import { basename } from "node:path";
import { Zip, ZipPassThrough } from "fflate";
import { openAtomic } from "../atomic_write.ts";
import { type Storage, STORAGES } from "./tensor_file.ts";

/** A tensor that is to be written. */
export interface WrittenTensor {
  readonly storage: Storage;
  readonly shape: readonly number[];
  /** All of its bytes, in order. */
  readonly pieces: Iterable<Uint8Array>;
}

/** A zip file of more has another format, which nothing here writes. */
export const MOST_TENSOR_BYTES = 2 ** 32 - 2 ** 20;

/** Where the numbers of a file's first tensor begin: Stanford's ColBERT takes this for granted when it maps an index. */
const FIRST_BYTE = 320;

/**
 * Writes a tensor as `torch.save` does, so that `torch.load` reads it.
 *
 * @throws {RangeError} where the pieces are not as many bytes as the shape says
 */
export function writeTensor(path: string, tensor: WrittenTensor): void {
  writeValue(path, [tensor], (pickled) => pickled);
}

/** Writes a matrix of fp16 numbers. */
export function writeHalfTensor(path: string, shape: readonly [number, number], pieces: Iterable<Uint8Array>): void {
  writeTensor(path, { storage: "torch.HalfStorage", shape, pieces });
}

/** Writes a tuple of tensors. */
export function writeTensorTuple(path: string, tensors: readonly WrittenTensor[]): void {
  writeValue(path, tensors, (pickled) => `(${pickled}t`);
}

function writeValue(path: string, tensors: readonly WrittenTensor[], wrap: (pickled: string) => string): void {
  using file = openAtomic(path);
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    file.write(chunk);
  });
  const name = basename(path).replace(/\.[^.]*$/, "");
  const add = (entry: string, content: Iterable<Uint8Array>, extra?: Record<number, Uint8Array>) => {
    const stream = new ZipPassThrough(`${name}/${entry}`);
    stream.mtime = new Date(1980, 0, 1); // the same tensor gives the same bytes
    if (extra) stream.extra = extra;
    zip.add(stream);
    for (const piece of content) stream.push(piece);
    stream.push(new Uint8Array(0), true);
  };
  add("data.pkl", [bytesOf(`\x80\x02${wrap(tensors.map(pickleTensor).join(""))}.`)]);
  tensors.forEach(({ storage, shape, pieces }, key) => {
    const expected = shape.reduce((product, size) => product * size, STORAGES[storage]);
    let bytes = 0;
    const counted = function* () {
      for (const piece of pieces) {
        bytes += piece.length;
        yield piece;
      }
    };
    add(`data/${key}`, counted(), key === 0 ? paddingTo(FIRST_BYTE, file.length, `${name}/data/0`) : undefined);
    if (bytes !== expected) throw new RangeError(`${bytes} bytes for ${storage} ${shape.join(" × ")}`);
  });
  add("byteorder", [bytesOf("little")]);
  add("version", [bytesOf("3\n")]);
  zip.end();
  file.commit();
}

/** An extra field that moves a member's first byte to a place, where there is room for one. */
function paddingTo(place: number, written: number, name: string): Record<number, Uint8Array> | undefined {
  const room = place - written - 30 - name.length - 4;
  return room >= 0 ? { 0x4246: new Uint8Array(room).fill(0x5a) } : undefined; // torch pads with "FB" and Zs, too
}

/** The call that makes a tensor of a storage of its own. */
function pickleTensor({ storage, shape }: WrittenTensor, key: number): string {
  const sizes = shape.map(number).join("");
  const strides = shape.map((_, d) => number(shape.slice(d + 1).reduce((product, size) => product * size, 1))).join("");
  const count = shape.reduce((product, size) => product * size, 1);
  const kind = storage.split(".").join("\n");
  const stored = `(${text("storage")}c${kind}\n${text(String(key))}${text("cpu")}${number(count)}tQ`;
  return `ctorch._utils\n_rebuild_tensor_v2\n(${stored}${
    number(0)
  }(${sizes}t(${strides}t\x89ccollections\nOrderedDict\n)RtR`;
}

function number(value: number): string {
  const long = new DataView(new ArrayBuffer(10));
  long.setUint16(0, 0x8a07); // LONG1 of seven bytes
  long.setBigInt64(2, BigInt(value), true);
  return String.fromCharCode(...new Uint8Array(long.buffer, 0, 9));
}

function text(value: string): string {
  return `X${String.fromCharCode(value.length, 0, 0, 0)}${value}`;
}

function bytesOf(characters: string): Uint8Array {
  return Uint8Array.from(characters, (character) => character.charCodeAt(0));
}
