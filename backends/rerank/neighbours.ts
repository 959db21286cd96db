import { join } from "node:path";
import { openHashed } from "../../support/atomic_write.ts";
import { passageText } from "../../datasets/dataset.ts";
import { badInput } from "../../support/errors.ts";
import { startProgress } from "../../support/progress.ts";
import type { BackendContext, BuildSource } from "../backend.ts";
import { readWhole } from "../check_content.ts";
import { noteFiles, verifyNoted } from "../noted_files.ts";
import type { Verification } from "../vectors/verify.ts";

/** `neighbours.bin`: int32 `[passages, neighbours]`, nearest first; −1 where there are fewer. */
const FILE = "neighbours.bin";

/** What passages are near each other by: BM25, each passage's text being the query. */
const MEASURE = "bm25";

/** Which passages are near each passage. */
export interface NeighbourGraph {
  /** The nearest ones of a passage, by number. */
  of(number: number): Int32Array;
  readonly memoryBytes: number;
}

/** Looks up the nearest passages of every passage, and writes them into an index's folder. */
export async function writeNeighbours(
  folder: string,
  { dataset, index }: BuildSource,
  neighbours: number,
  context: BackendContext,
): Promise<void> {
  await using lexical = await context.open(MEASURE, await index(MEASURE), { ...context, tracing: false });
  const numbers = new Map<string, number>();
  for (const { id } of dataset.passages()) numbers.set(id, numbers.size);
  using progress = startProgress(`neighbours in ${dataset.name}`, numbers.size, "passages", context);
  using file = openHashed(join(folder, FILE));
  let done = 0;
  for (const passage of dataset.passages()) {
    const row = new Int32Array(neighbours).fill(-1);
    const { ids } = await lexical.search({ id: passage.id, text: passageText(passage) }, neighbours + 1);
    ids.filter((id) => id !== passage.id).slice(0, neighbours).forEach((id, i) => row[i] = numbers.get(id)!);
    file.write(new Uint8Array(row.buffer));
    progress.update(++done);
  }
  noteFiles(folder, { [FILE]: file.commit() });
}

/**
 * Opens what {@link writeNeighbours} wrote.
 *
 * @throws {LatebenchError} for a file of another size, and for numbers that no passage has
 */
export function openNeighbours(
  folder: string,
  passages: number,
  neighbours: number,
  verification: Verification = {},
): NeighbourGraph {
  const path = join(folder, FILE);
  const expected = 4 * passages * neighbours;
  const table = new Int32Array(readWhole(path, expected).buffer);
  verifyNoted(folder, { [FILE]: () => {} }, verification);
  const wrong = table.findIndex((number) => number < -1 || number >= passages);
  if (wrong >= 0) throw badInput({ file: path, byte: 4 * wrong }, `passage ${table[wrong]}`, `one below ${passages}`);
  return {
    of(number) {
      const row = table.subarray(number * neighbours, (number + 1) * neighbours);
      const end = row.indexOf(-1);
      return end < 0 ? row : row.subarray(0, end);
    },
    memoryBytes: expected,
  };
}
