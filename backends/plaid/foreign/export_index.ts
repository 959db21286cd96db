import { join } from "node:path";
import { writeAtomic } from "../../../support/atomic_write.ts";
import type { Rows } from "../../../kernels/loops.ts";
import { joinContents, liveContent } from "../update/content.ts";
import { readCentroids } from "../index/centroids.ts";
import { unpackCodes } from "../index/codes.ts";
import { bucketBits, type PlaidHeader, readPlaidHeader } from "../index/format.ts";
import { listSegments } from "../index/segments.ts";
import type { SegmentContent } from "../build/segment.ts";
import { type ForeignFormat, IDS_FILE } from "./foreign_index.ts";
import { type ForeignOrigin, readOrigin } from "./import_index.ts";
import { invertCodes } from "./lists.ts";
import { writeNpyFamily } from "./write_npy.ts";
import { writeStanford } from "./write_stanford.ts";

/** An index as the writers of other formats take it. */
export interface ExportedIndex {
  readonly header: PlaidHeader;
  readonly nbits: number;
  readonly passages: number;
  readonly tokens: number;
  /** fp16 or float32 `[partitions, dim]`. */
  readonly centroids: Rows;
  readonly chunks: readonly ExportedChunk[];
  /** In passage order; can be read once. */
  data(): Iterable<{ readonly codes: Int32Array<ArrayBuffer>; readonly residuals: Uint8Array }>;
  readonly lists: { readonly passages: Int32Array; readonly lengths: Int32Array };
  /** Where the index was read from the same format and has not changed since. */
  readonly origin: ForeignOrigin | null;
}

/** Passages that go into files of their own. */
export interface ExportedChunk {
  readonly doclens: readonly number[];
  readonly tokens: number;
  readonly firstPassage: number;
  readonly firstToken: number;
}

/** Passages a chunk, as Stanford's code has it. */
const CHUNK = 25_000;

/**
 * Writes an index for another engine, without what is gone of it. An index that was read from the same format and has not changed since is
 * written with the same chunks and settings.
 *
 * @returns notes for the user
 */
export function exportPlaid(folder: string, target: string, format: ForeignFormat): string[] {
  const header = readPlaidHeader(folder);
  const nbits = bucketBits(folder, header);
  const segments = listSegments(folder, header);
  const changed = segments.length > 1 || segments[0].deleted !== null || header.added !== undefined;
  const known = readOrigin(folder);
  const origin = known?.format === format && !changed ? known : null;
  const content = joinContents(segments.map((segment) => liveContent(segment, header)));
  const centroids = readCentroids(folder, header);
  const chunks = splitChunks(content.lengths, origin?.passages);
  const index: ExportedIndex = {
    header,
    nbits,
    passages: content.lengths.length,
    tokens: content.lengths.reduce((sum, length) => sum + length, 0),
    centroids,
    chunks,
    data: () => readChunks(content, chunks, header, nbits),
    lists: invertCodes(
      Array.from(content.codes(), (packed) => unpackCodes(packed, header.code_bytes)),
      content.lengths,
      header.partitions,
    ),
    origin,
  };
  Deno.mkdirSync(target, { recursive: true });
  if (format === "stanford") writeStanford(index, target);
  else writeNpyFamily(index, target, format);
  if (origin?.ids || content.ids.some((id, number) => id !== String(number))) {
    writeAtomic(join(target, IDS_FILE), JSON.stringify(content.ids));
  }
  const rounded = centroids instanceof Float32Array && format !== "next-plaid";
  return rounded ? [`centroids were rounded from float32 to fp16, which is what ${format} keeps`] : [];
}

function splitChunks(lengths: Int32Array, sizes: readonly number[] | undefined): ExportedChunk[] {
  const chunks: ExportedChunk[] = [];
  let [passage, token] = [0, 0];
  while (passage < lengths.length || (sizes && chunks.length < sizes.length) || chunks.length === 0) {
    const doclens = [...lengths.subarray(passage, passage + (sizes?.[chunks.length] ?? CHUNK))];
    const tokens = doclens.reduce((sum, length) => sum + length, 0);
    chunks.push({ doclens, tokens, firstPassage: passage, firstToken: token });
    passage += doclens.length;
    token += tokens;
  }
  return chunks;
}

function* readChunks(
  content: SegmentContent,
  chunks: readonly ExportedChunk[],
  { code_bytes, dim }: PlaidHeader,
  nbits: number,
) {
  const codes = takeBytes(content.codes());
  const residuals = takeBytes(content.residuals());
  for (const { tokens } of chunks) {
    const own = unpackCodes(codes(tokens * code_bytes), code_bytes);
    yield { codes: own, residuals: residuals(tokens * dim * nbits / 8) };
  }
}

/** Gives the bytes of some pieces in other portions. */
function takeBytes(pieces: Iterable<Uint8Array>): (count: number) => Uint8Array {
  const source = pieces[Symbol.iterator]();
  let rest = new Uint8Array(0) as Uint8Array;
  return (count) => {
    const taken = new Uint8Array(count);
    for (let at = 0; at < count;) {
      if (rest.length === 0) {
        const { value, done } = source.next();
        if (done) throw new RangeError(`${count - at} bytes are missing`);
        rest = value;
        continue;
      }
      const part = rest.subarray(0, count - at);
      taken.set(part, at);
      at += part.length;
      rest = rest.subarray(part.length);
    }
    return taken;
  };
}
