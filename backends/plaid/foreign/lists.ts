import { badInput } from "../../../support/errors.ts";
import { checkChunk, type ForeignIndex } from "./foreign_index.ts";

/** For each centroid the passages that have a token there, each once and ascending, list after list. */
export function invertCodes(
  codes: readonly Int32Array[],
  lengths: Int32Array,
  partitions: number,
): ForeignIndex["lists"] {
  const counts = new Int32Array(partitions);
  forEachPair(codes, lengths, partitions, (code) => counts[code]++);
  const ends = new Float64Array(partitions);
  for (let cell = 1; cell < partitions; cell++) ends[cell] = ends[cell - 1] + counts[cell - 1];
  const passages = new Int32Array(counts.reduce((sum, count) => sum + count, 0));
  forEachPair(codes, lengths, partitions, (code, passage) => passages[ends[code]++] = passage);
  return { passages, lengths: counts };
}

/**
 * Reads all chunks of an index and compares its lists with its codes.
 *
 * @throws {LatebenchError} for the first list that differs, and for chunks that are damaged
 */
export function checkLists(index: ForeignIndex): void {
  checkListsOf(index, ({ tokens }) => tokens * index.dim * index.nbits / 8);
}

/**
 * The same, of whatever residuals.
 *
 * @param bytesOf bytes of a chunk's residuals
 */
export function checkListsOf(
  { folder, chunks, lists, partitions }: Pick<ForeignIndex, "folder" | "chunks" | "lists" | "partitions">,
  bytesOf: (chunk: ForeignIndex["chunks"][number]) => number,
): void {
  const next = new Float64Array(partitions);
  for (let cell = 1; cell < partitions; cell++) next[cell] = next[cell - 1] + lists.lengths[cell - 1];
  const ends = next.map((start, cell) => start + lists.lengths[cell]);
  let first = 0;
  chunks.forEach((chunk, i) => {
    const codes = chunk.codes();
    checkChunk(`${folder}, chunk ${i}`, codes, chunk.residuals(), {
      tokens: chunk.tokens,
      bytes: bytesOf(chunk),
      partitions,
    });
    forEachPair([codes], Int32Array.from(chunk.doclens), partitions, (code, passage) => {
      const found = next[code] < ends[code] ? lists.passages[next[code]] : undefined;
      next[code]++;
      if (found === first + passage) return;
      const place = `the list of centroid ${code}: ${found ?? "its end"}`;
      throw badInput(folder, place, `passage ${first + passage}, whose codes name it (lists are ascending)`);
    });
    first += chunk.doclens.length;
  });
  const cell = next.findIndex((at, cell) => at !== ends[cell]);
  if (cell < 0) return;
  throw badInput(
    folder,
    `passage ${lists.passages[next[cell]]} in the list of centroid ${cell}`,
    "one with a token there",
  );
}

/** Tells each pair of a passage and the centroid of one of its tokens once, passages ascending. */
function forEachPair(
  codes: readonly Int32Array[],
  lengths: Int32Array,
  partitions: number,
  see: (code: number, passage: number) => void,
): void {
  const last = new Int32Array(partitions).fill(-1);
  let passage = 0;
  let left = lengths[0] ?? 0;
  for (const piece of codes) {
    for (const code of piece) {
      while (left === 0) left = lengths[++passage];
      left--;
      if (last[code] === passage) continue;
      last[code] = passage;
      see(code, passage);
    }
  }
}
