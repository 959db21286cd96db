import { join } from "node:path";
import { openFile } from "../../../support/open_file.ts";
import { readAt } from "../../../support/read_at.ts";
import { keepLive } from "../../living/parts.ts";
import { numbersOfBits } from "../../passage_bits.ts";
import { type NormRange, type SegmentContent, toNormBytes } from "../build/segment.ts";
import { FILES, type PlaidHeader, residualBytes } from "../index/format.ts";
import { readLengths, readResidualSizes, type StoredSegment } from "../index/segments.ts";

/** Bytes that are read at once. */
const PIECE = 1 << 24;

/** What an index still holds of some stored passages: files are read when their part is asked for. */
export function liveContent(
  segment: StoredSegment,
  { dim, code_bytes, settings }: PlaidHeader,
): SegmentContent {
  const { folder, deleted, info: { norms } } = segment;
  const lengths = Int32Array.from(readLengths(segment));
  const gone = new Set(deleted ? numbersOfBits(deleted) : []);
  const sizes = readResidualSizes(segment);
  const valueOf = (byte: number) => norms.least + byte * norms.step;
  /** Pieces of a file that has `width` bytes for each of a passage's `units`. */
  const read = function* (name: "codes" | "residuals" | "norms", width: number, units: ArrayLike<number> = lengths) {
    using file = openFile(join(folder, FILES[name]));
    for (const [from, until] of liveRuns(units, gone)) {
      const most = Math.floor(PIECE / width);
      for (let at = from; at < until; at += most) {
        yield readAt(file, at * width, Math.min(most, until - at) * width);
      }
    }
  };
  return {
    ids: keepLive(segment, segment.ids()),
    lengths: Int32Array.from(keepLive(segment, lengths)),
    codes: () => read("codes", code_bytes),
    residuals: () => sizes ? read("residuals", 1, sizes) : read("residuals", residualBytes(dim, settings)!),
    ...sizes ? { residualSizes: () => [Uint32Array.from(keepLive(segment, sizes))] } : {},
    *factors() {
      for (const bytes of read("norms", 1)) yield Float32Array.from(bytes, valueOf);
    },
    *normBytes(range) {
      if (range.least === norms.least && range.step === norms.step) yield* read("norms", 1);
      else for (const bytes of read("norms", 1)) yield* toNormBytes([Float64Array.from(bytes, valueOf)], range);
    },
  };
}

/** Passages one after the other. */
export function joinContents(parts: readonly SegmentContent[]): SegmentContent {
  const lengths = new Int32Array(parts.reduce((sum, part) => sum + part.lengths.length, 0));
  let at = 0;
  for (const part of parts) {
    lengths.set(part.lengths, at);
    at += part.lengths.length;
  }
  const all = <T>(read: (part: SegmentContent) => Iterable<T>) =>
    function* () {
      for (const part of parts) yield* read(part);
    };
  return {
    ids: parts.flatMap(({ ids }) => ids),
    lengths,
    codes: all((part) => part.codes()),
    residuals: all((part) => part.residuals()),
    ...parts.some(({ residualSizes }) => residualSizes) ? { residualSizes: all((part) => part.residualSizes!()) } : {},
    factors: all((part) => part.factors()),
    normBytes: (range: NormRange) => all((part) => part.normBytes?.(range) ?? toNormBytes(part.factors(), range))(),
  };
}

/** What neighbouring passages that are there have of some units: `[first, end)`. */
function liveRuns(units: ArrayLike<number>, gone: ReadonlySet<number>): [number, number][] {
  const runs: [number, number][] = [];
  let at = 0;
  for (let passage = 0; passage < units.length; passage++) {
    const end = at + units[passage];
    const last = runs.at(-1);
    if (end > at && !gone.has(passage)) {
      if (last?.[1] === at) last[1] = end;
      else runs.push([at, end]);
    }
    at = end;
  }
  return runs;
}
