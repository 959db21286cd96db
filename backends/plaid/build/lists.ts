import { codeAt } from "../index/codes.ts";
import { encodeList, LIST_PADDING } from "../index/gaps.ts";

/** Reads the codes of tokens from `from` on; at most `count`. */
export type ReadCodes = (from: number, count: number) => Uint8Array;

/** Bytes of memory for the passage numbers that are sorted at once. */
const MEMORY = 512 * 2 ** 20;
/** Tokens that are read at once. */
const TOKENS = 1 << 20;

/**
 * Writes for each centroid the passages that have a token there, each once and ascending. Centroids are taken in ranges whose
 * lists fit into memory; every range reads all codes.
 *
 * @returns bytes of each list
 */
export function writeLists(
  readCodes: ReadCodes,
  lengths: Int32Array,
  codeBytes: number,
  partitions: number,
  write: (bytes: Uint8Array) => void,
): Uint32Array<ArrayBuffer> {
  const counts = new Uint32Array(partitions);
  forEachCode(readCodes, lengths, codeBytes, (code) => counts[code]++);
  const sizes = new Uint32Array(partitions);
  for (let first = 0; first < partitions;) {
    let until = first;
    let entries = 0;
    while (until < partitions && (until === first || 4 * (entries + counts[until]) <= MEMORY)) {
      entries += counts[until++];
    }
    const starts = new Float64Array(until - first);
    for (let i = 1; i < starts.length; i++) starts[i] = starts[i - 1] + counts[first + i - 1];
    const passages = new Int32Array(entries);
    const ends = starts.slice();
    forEachCode(readCodes, lengths, codeBytes, (code, passage) => {
      if (code < first || code >= until) return;
      const end = ends[code - first];
      if (end > starts[code - first] && passages[end - 1] === passage) return;
      passages[end] = passage;
      ends[code - first] = end + 1;
    });
    for (let i = 0; i < starts.length; i++) {
      if (ends[i] === starts[i]) continue; // nobody reads a list of no bytes
      const list = encodeList(passages.subarray(starts[i], ends[i]));
      sizes[first + i] = list.length;
      write(list);
    }
    first = until;
  }
  write(new Uint8Array(LIST_PADDING));
  return sizes;
}

function forEachCode(
  readCodes: ReadCodes,
  lengths: Int32Array,
  codeBytes: number,
  see: (code: number, passage: number) => void,
): void {
  const tokens = lengths.reduce((sum, length) => sum + length, 0);
  let passage = 0;
  let left = lengths[0] ?? 0;
  for (let from = 0; from < tokens; from += TOKENS) {
    const count = Math.min(TOKENS, tokens - from);
    const codes = readCodes(from, count);
    for (let i = 0; i < count; i++) {
      while (left === 0) left = lengths[++passage];
      left--;
      see(codeAt(codes, codeBytes, i), passage);
    }
  }
}
