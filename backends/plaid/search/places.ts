import { residualBytes } from "../index/format.ts";
import type { EngineSegment, PlaidEngine } from "./engine.ts";

/** Where some passages' tokens are, by segment. */
export interface Places {
  readonly groups: readonly PlaceGroup[];
  /** Passages. */
  readonly count: number;
  readonly tokens: number;
  /** Bytes of all their residuals. */
  readonly residualBytes: number;
}

/** Passages of one segment. */
interface PlaceGroup {
  readonly segment: EngineSegment;
  /** First of them among all that were asked for. */
  readonly from: number;
  readonly count: number;
  readonly starts: Float64Array;
  readonly lengths: Int32Array;
  /** First bytes of residuals that are lists, and of what follows them. */
  readonly residualStarts: Float64Array;
  readonly residualEnds: Float64Array;
}

/**
 * Looks up where passages' tokens are.
 *
 * @param numbers ascending
 */
export function placesOf({ setup, segments }: PlaidEngine, numbers: Int32Array): Places {
  const starts = new Float64Array(numbers.length);
  const lengths = new Int32Array(numbers.length);
  const lists = setup.residualLists;
  const residualStarts = new Float64Array(lists ? numbers.length : 0);
  const residualEnds = new Float64Array(residualStarts.length);
  let [tokens, listed] = [0, 0];
  for (let i = 0; i < numbers.length; i++) {
    starts[i] = setup.starts[numbers[i]];
    tokens += lengths[i] = setup.lengths[numbers[i]];
    if (!lists) continue;
    residualStarts[i] = lists.starts[numbers[i]];
    residualEnds[i] = residualStarts[i] + lists.bytes[numbers[i]];
    listed += lists.bytes[numbers[i]];
  }
  const groups: PlaceGroup[] = [];
  let from = 0;
  segments.forEach((segment, i) => {
    const end = segments[i + 1]?.first ?? Infinity;
    let until = from;
    if (end === Infinity) until = numbers.length;
    else while (until < numbers.length && numbers[until] < end) until++;
    if (until === from) return;
    const own = {
      starts: starts.subarray(from, until),
      lengths: lengths.subarray(from, until),
      residualStarts: residualStarts.subarray(from, until),
      residualEnds: residualEnds.subarray(from, until),
    };
    groups.push({ segment, from, count: until - from, ...own });
    from = until;
  });
  const each = residualBytes(setup.header.dim, setup.header.settings);
  return { groups, count: numbers.length, tokens, residualBytes: each === null ? listed : tokens * each };
}

/** The segment that a passage is in. */
export function segmentOf({ segments }: PlaidEngine, number: number): EngineSegment {
  return segments.findLast(({ first }) => first <= number)!;
}

/** Scores of passages, from what `score` writes for those of each segment. */
export function scoreGroups(
  { groups, count }: Places,
  score: (
    segment: EngineSegment,
    at: readonly [Float64Array, Int32Array, number],
    out: Float32Array,
    lists: Pick<PlaceGroup, "residualStarts" | "residualEnds">,
  ) => void,
): Float32Array {
  const out = new Float32Array(count);
  for (const group of groups) {
    const { segment, from, starts, lengths, count } = group;
    score(segment, [starts, lengths, count], out.subarray(from, from + count), group);
  }
  return out;
}
