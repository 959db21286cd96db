import { join } from "node:path";
import { readAt } from "../../../support/read_at.ts";
import { keepLive } from "../../living/parts.ts";
import { numbersOfBits } from "../../passage_bits.ts";
import type { SegmentContent } from "../build/segment.ts";
import { FILES, type PlaidHeader, residualBytes } from "../index/format.ts";
import { readLengths, readResidualStarts, type StoredSegment } from "../index/segments.ts";

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
  const starts = readResidualStarts(segment);
  const read = function* (name: "codes" | "residuals" | "norms", width: number) {
    using file = Deno.openSync(join(folder, FILES[name]));
    for (const [from, until] of liveRuns(lengths, gone)) {
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
    ...starts
      ? listedResiduals(folder, starts, gone)
      : { residuals: () => read("residuals", residualBytes(dim, settings)!) },
    *factors() {
      for (const bytes of read("norms", 1)) yield Float32Array.from(bytes, (byte) => norms.least + byte * norms.step);
    },
  };
}

/** Residuals that are lists: those of passages that are there, and their bytes. */
function listedResiduals(
  folder: string,
  starts: Float64Array,
  gone: ReadonlySet<number>,
): Pick<SegmentContent, "residuals" | "residualSizes"> {
  const passages = Array.from({ length: starts.length - 1 }, (_, i) => i).filter((passage) => !gone.has(passage));
  return {
    *residuals() {
      using file = Deno.openSync(join(folder, FILES.residuals));
      for (let i = 0; i < passages.length;) {
        const first = passages[i];
        let end = first;
        do {
          end++;
          i++;
        } while (passages[i] === end && starts[end + 1] - starts[first] <= PIECE);
        yield readAt(file, starts[first], starts[end] - starts[first]);
      }
    },
    *residualSizes() {
      yield Uint32Array.from(passages, (passage) => starts[passage + 1] - starts[passage]);
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
  };
}

/** Tokens of neighbouring passages that are there: `[first, end)`. */
function liveRuns(lengths: Int32Array, gone: ReadonlySet<number>): [number, number][] {
  const runs: [number, number][] = [];
  let token = 0;
  lengths.forEach((length, passage) => {
    const last = runs.at(-1);
    if (length > 0 && !gone.has(passage)) {
      if (last?.[1] === token) last[1] = token + length;
      else runs.push([token, token + length]);
    }
    token += length;
  });
  return runs;
}
