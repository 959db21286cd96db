import { decodeFirst } from "cborg";
import { StringTokenizer } from "./cbor_strings.ts";
import { badInput, explainIoError } from "../../support/errors.ts";
import { limitBytes, limitHint, limits } from "../../support/limits.ts";
import { openFile } from "../../support/open_file.ts";

const ARRAY_START = 0x9f;
const BREAK = 0xff;

/** One decoded item and the byte of the file at which it began. */
export interface CborItem {
  readonly byte: number;
  readonly value: unknown;
}

/**
 * Streams the items of a TREC CAR file, in constant memory. Version 1.x files are bare sequences of items; version 2.0 files
 * have a header array `["CAR", [fileType], …]` and then one indefinite-length array of the items (trec-car-tools,
 * `read_data.py`). The header is checked and not yielded.
 *
 * @throws {LatebenchError} with the byte offset for a truncated file, malformed CBOR, or bytes after the end
 */
export function* readCborItems(file: string): Generator<CborItem> {
  try {
    using handle = openFile(file);
    const input = new Window(handle, file);
    if (input.atEnd()) throw badInput(file, "an empty file", "CBOR");
    const first = input.next();
    const framed = isHeader(first.value);
    if (!framed) yield first;
    else if (input.peek() !== ARRAY_START) {
      throw badInput({ file, byte: input.byte }, "no array after the header", "an indefinite-length array (0x9f)");
    } else input.skip();
    while (!input.atEnd()) {
      if (framed && input.peek() === BREAK) {
        input.skip();
        if (!input.atEnd()) throw badInput({ file, byte: input.byte }, "bytes after the end", "the end of the file");
        return;
      }
      yield input.next();
    }
    if (framed) throw badInput({ file, byte: input.byte }, "the end of the file", "the end of the array (0xff)");
  } catch (error) {
    throw explainIoError(error, file);
  }
}

function isHeader(value: unknown): boolean {
  return Array.isArray(value) && value[0] === "CAR";
}

/** The part of the file that is in memory: refilled as items are taken, grown while an item does not fit. */
class Window {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  #ended = false;
  byte = 0;

  constructor(readonly handle: Deno.FsFile, readonly file: string) {}

  atEnd(): boolean {
    if (this.#bytes.length === 0) this.#refill();
    return this.#bytes.length === 0;
  }

  peek(): number | undefined {
    return this.atEnd() ? undefined : this.#bytes[0];
  }

  skip(): void {
    this.#bytes = this.#bytes.subarray(1);
    this.byte++;
  }

  next(): CborItem {
    const byte = this.byte;
    for (;;) {
      try {
        const [value, rest] = decodeFirst(this.#bytes, { useMaps: true, tokenizer: new StringTokenizer(this.#bytes) });
        this.byte += this.#bytes.length - rest.length;
        this.#bytes = this.#bytes.subarray(this.#bytes.length - rest.length);
        return { byte, value };
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        if (error instanceof RangeError) {
          throw badInput({ file: this.file, byte }, "an item that is nested too deep", "one CBOR item");
        }
        const short = /unexpected end|not enough|too short|did not find/i.test(reason);
        if (!short) throw badInput({ file: this.file, byte }, `malformed CBOR (${reason})`, "one CBOR item");
        if (this.#ended) throw badInput({ file: this.file, byte }, "a truncated item", "a whole CBOR item");
        if (this.#bytes.length > limitBytes("line_mib")) {
          const found = `an item of more than ${limits().line_mib} MiB`;
          throw badInput({ file: this.file, byte }, found, `less (${limitHint("line_mib")})`);
        }
        this.#refill();
      }
    }
  }

  /** Reads as much again as is in memory, and at least 1 MiB: an item of any size costs linear time. */
  #refill(): void {
    const more = new Uint8Array(Math.max(1 << 20, this.#bytes.length));
    const n = this.handle.readSync(more);
    this.#ended = n === null;
    if (n === null) return;
    const grown = new Uint8Array(this.#bytes.length + n);
    grown.set(this.#bytes);
    grown.set(more.subarray(0, n), this.#bytes.length);
    this.#bytes = grown;
  }
}
