import { join } from "node:path";
import { z } from "zod";
import { badInput, explainIoError } from "../../../support/errors.ts";
import { readJson } from "../../../support/json.ts";
import { readLines } from "../../../support/lines.ts";
import { isFile } from "../../../support/paths.ts";
import { readTensorFile, type StoredTensor } from "../../../support/torch/tensor_file.ts";

/** Beside v1's own files: passage ids, one a line, where they are not the numbers from 0. v1 does not look at it. */
export const IDS_FILE = "latebench.ids.txt";
export const METADATA_FILE = "metadata.json";

const doclens = z.array(z.int().min(0).max(2 ** 31 - 1));
const metadata = z.looseObject({ latebench: z.looseObject({ encoder_hash: z.string() }).optional() });

/** One `{i}.pt` with its `doclens.{i}.json`. */
export interface V1Part {
  /** fp16 `[Σ doclens, dim]`. */
  readonly rows: StoredTensor;
  readonly doclens: readonly number[];
}

/** An index folder as ColBERT v1 writes it (`colbert/indexing/encoder.py`, `index_manager.py`), without its rows. */
export interface V1Index {
  readonly folder: string;
  readonly dim: number;
  readonly parts: readonly V1Part[];
  /** Passage ids: v1's own are the passages' numbers. */
  readonly ids: readonly string[];
  /** The encoder that made it, where latebench wrote the folder. */
  readonly encoderHash: string | undefined;
}

/**
 * Looks an index folder over: the parts are there from 0 on, and each has the rows that its document lengths say.
 *
 * @throws {LatebenchError} for a folder without parts, with gaps, and for parts that do not fit together
 */
export async function readV1Index(folder: string): Promise<V1Index> {
  const numbers = partNumbers(folder);
  const parts: V1Part[] = [];
  for (const [i, number] of numbers.entries()) {
    if (number !== i) throw badInput(folder, `no ${i}.pt, but ${number}.pt`, "parts numbered from 0");
    const rows = await readTensorFile(join(folder, `${i}.pt`));
    const lengths = readJson(join(folder, `doclens.${i}.json`), doclens, "a list of document lengths");
    const total = lengths.reduce((sum, length) => sum + length, 0);
    const dim = parts[0]?.rows.shape[1] ?? rows.shape[1];
    if (dim === 0 || rows.storage !== "torch.HalfStorage" || rows.shape.length !== 2 || rows.shape[1] !== dim) {
      throw badInput(rows.file, `${rows.storage} ${rows.shape.join(" × ")}`, `fp16, ${total} × ${dim ?? "dim"}`);
    }
    if (rows.shape[0] !== total) {
      throw badInput(rows.file, `${rows.shape[0]} rows`, `${total}, as doclens.${i}.json says`);
    }
    parts.push({ rows, doclens: lengths });
  }
  const passages = parts.reduce((sum, part) => sum + part.doclens.length, 0);
  const meta = join(folder, METADATA_FILE);
  const known = isFile(meta) ? readJson(meta, metadata, "the arguments of an indexing run") : {};
  return {
    folder,
    dim: parts[0].rows.shape[1],
    parts,
    ids: readIds(join(folder, IDS_FILE), passages),
    encoderHash: known.latebench?.encoder_hash,
  };
}

/** The numbers of passages of parts `from` to `until`. */
export function passageRange({ parts }: V1Index, from: number, until: number): readonly [first: number, end: number] {
  const count = (some: readonly V1Part[]) => some.reduce((sum, part) => sum + part.doclens.length, 0);
  return [count(parts.slice(0, from)), count(parts.slice(0, until))];
}

function partNumbers(folder: string): number[] {
  let names: string[];
  try {
    names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  } catch (error) {
    throw explainIoError(error, folder);
  }
  const numbers = names.flatMap((name) => /^\d+\.pt$/.test(name) ? [parseInt(name)] : []).sort((a, b) => a - b);
  if (numbers.length === 0) throw badInput(folder, "no 0.pt", "an index folder of ColBERT v1");
  return numbers;
}

function readIds(file: string, passages: number): string[] {
  if (!isFile(file)) return Array.from({ length: passages }, (_, i) => String(i));
  const ids = Array.from(readLines(file), ({ text }) => text);
  if (ids.length !== passages) throw badInput(file, `${ids.length} ids`, `${passages}, one for each passage`);
  return ids;
}
