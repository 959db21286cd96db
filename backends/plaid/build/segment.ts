import { join } from "node:path";
import { openHashed } from "../../../support/atomic_write.ts";
import { openFile } from "../../../support/open_file.ts";
import { readAt } from "../../../support/read_at.ts";
import { LIST_PADDING } from "../index/gaps.ts";
import { FILES, type PlaidHeader, type SegmentInfo } from "../index/format.ts";
import { writeLists } from "./lists.ts";

/** Encoded passages, to be written. Every part can be read more than once. */
export interface SegmentContent {
  readonly ids: readonly string[];
  /** Tokens of each passage. */
  readonly lengths: Int32Array;
  /** Packed centroid numbers, passage after passage. */
  codes(): Iterable<Uint8Array>;
  /** Packed residuals. */
  residuals(): Iterable<Uint8Array>;
  /** Bytes of each passage's residuals; missing where every token has the same. */
  residualSizes?(): Iterable<Uint32Array>;
  /** 1 / ‖centroid + weights‖ of each token. */
  factors(): Iterable<Float32Array>;
  /** The same as bytes of a range, where they were stored before; missing where they were not. */
  normBytes?(range: NormRange): Iterable<Uint8Array>;
}

type WrittenFile = SegmentInfo["files"]["codes"];

/**
 * Writes the files of some encoded passages into `folder`, their lists of passages included.
 *
 * @param range what bytes of norms mean; null for what these passages' need
 */
export function writeSegment(
  folder: string,
  { ids, lengths, codes, residuals, residualSizes, factors, normBytes }: SegmentContent,
  { partitions, code_bytes }: Pick<PlaidHeader, "partitions" | "code_bytes">,
  range: NormRange | null,
): SegmentInfo {
  const norms = range ?? normRange(factors());
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  const length_bytes = longest < 2 ** 16 ? 2 : 4;
  const write = (name: keyof typeof FILES, pieces: Iterable<Uint8Array | Uint16Array | Uint32Array>): WrittenFile => {
    using file = openHashed(join(folder, FILES[name]));
    for (const { buffer, byteOffset, byteLength } of pieces) file.write(new Uint8Array(buffer, byteOffset, byteLength));
    return file.commit();
  };
  /** Bytes follow lists, which readers take at once. */
  const padded = function* () {
    yield* residuals();
    yield new Uint8Array(LIST_PADDING);
  };
  const written = {
    codes: write("codes", codes()),
    residuals: write("residuals", residualSizes ? padded() : residuals()),
    ...residualSizes ? { residualSizes: write("residualSizes", residualSizes()) } : {},
    norms: write("norms", normBytes ? normBytes(norms) : toNormBytes(factors(), norms)),
    lengths: write("lengths", [length_bytes === 2 ? Uint16Array.from(lengths) : Uint32Array.from(lengths)]),
    ids: write("ids", [new TextEncoder().encode(JSON.stringify(ids))]),
  };
  using lists = openHashed(join(folder, FILES.lists));
  using handle = openFile(join(folder, FILES.codes));
  const readCodes = (from: number, count: number) => readAt(handle, from * code_bytes, count * code_bytes);
  const sizes = writeLists(readCodes, lengths, code_bytes, partitions, (bytes) => lists.write(bytes));
  return {
    passages: ids.length,
    tokens: lengths.reduce((sum, length) => sum + length, 0),
    length_bytes,
    norms,
    files: { ...written, lists: lists.commit(), listSizes: write("listSizes", [sizes]) },
  };
}

/** What bytes of norms mean: that of 0, and the distance between neighbours. */
export type NormRange = SegmentInfo["norms"];

/** Factors as bytes of a range; what lies outside takes its end. */
export function* toNormBytes(
  pieces: Iterable<ArrayLike<number>>,
  { least, step }: NormRange,
): Generator<Uint8Array<ArrayBuffer>> {
  for (const piece of pieces) yield Uint8Array.from(piece, (factor) => clampByte(Math.round((factor - least) / step)));
}

function clampByte(value: number): number {
  return Math.min(255, Math.max(0, value));
}

/** Factors that do not tell the range of others, which are added to them later and take it: it gets wider on both sides. */
const FEW = 4096;

/**
 * The range of some factors, and of those that will be added.
 *
 * @param margin how much wider, as a share of it
 */
export function normRange(pieces: Iterable<Float32Array>, margin = 0): NormRange {
  let [least, most, count] = [Infinity, -Infinity, 0];
  for (const piece of pieces) {
    count += piece.length;
    for (const factor of piece) {
      if (factor < least) least = factor;
      if (factor > most) most = factor;
    }
  }
  const wider = Math.max(margin, count < FEW ? 0.5 : 0) * (most - least);
  [least, most] = least < most ? [least - wider, most + wider] : [0.75 * least, 1.25 * most];
  return least < most ? { least, step: (most - least) / 255 } : { least: Number.isFinite(least) ? least : 1, step: 1 };
}
