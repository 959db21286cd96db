import { join } from "node:path";
import { type FileMetaData, parquetMetadata, parquetReadObjects, snappyUncompress } from "hyparquet";
import { z } from "zod";
import { writeAtomic } from "../support/atomic_write.ts";
import { tooLarge } from "../support/decompress.ts";
import { badInput, explainIoError, LatebenchError } from "../support/errors.ts";
import { unpackedLimit } from "../support/limits.ts";
import { refuseSpecialFile } from "../support/open_file.ts";
import { isFolder } from "../support/paths.ts";
import { checkId } from "./ids.ts";

const text = z.object({ _id: z.string(), text: z.string() });
const judgement = z.object({ "query-id": z.string(), "corpus-id": z.string() });

/** Whether a folder holds a NanoBEIR set as it is published: `corpus/`, `queries/` and `qrels/` with Parquet files. */
export function isNanoBeir(folder: string): boolean {
  return ["corpus", "queries", "qrels"].every((part) => parquetFiles(join(folder, part)).length > 0);
}

/**
 * Writes a NanoBEIR set in BEIR's layout into the same folder: `corpus.jsonl`, `queries.jsonl`, `qrels/test.tsv` (every judgement
 * is a 1; the published split is called `train`, and is a test set).
 *
 * @throws {LatebenchError} for a file that is no Parquet, or has other columns
 */
export async function convertNanoBeir(folder: string): Promise<void> {
  for (const part of ["corpus", "queries"]) {
    const rows = await readRows(join(folder, part), text);
    for (const { _id } of rows) checkId(_id, join(folder, part));
    writeAtomic(join(folder, `${part}.jsonl`), rows.map((row) => JSON.stringify(row) + "\n").join(""));
  }
  const judgements = await readRows(join(folder, "qrels"), judgement);
  for (const row of judgements) {
    for (const id of [row["query-id"], row["corpus-id"]]) checkId(id, join(folder, "qrels"));
  }
  const lines = judgements.map((row) => `${row["query-id"]}\t${row["corpus-id"]}\t1\n`);
  writeAtomic(join(folder, "qrels", "test.tsv"), `query-id\tcorpus-id\tscore\n${lines.join("")}`);
}

async function readRows<T>(folder: string, row: z.ZodType<T>): Promise<T[]> {
  const rows: T[] = [];
  for (const name of parquetFiles(folder)) {
    const path = join(folder, name);
    const read = await readObjects(path).catch((error: Error) => {
      if (error instanceof LatebenchError) throw error;
      throw badInput(path, `no Parquet that can be read (${error.message})`, "a Parquet file");
    });
    for (const [i, object] of read.entries()) {
      const checked = row.safeParse(object);
      if (checked.success) rows.push(checked.data);
      else {
        const { path: field, message } = checked.error.issues[0];
        throw badInput(path, `in row ${i + 1}, ${field.join(".")}: ${message}`, "NanoBEIR's columns");
      }
    }
  }
  return rows;
}

/** Reads all rows; neither what the file says of itself nor its pages may add up to more than a file of its size unpacks to. */
async function readObjects(path: string): Promise<Record<string, unknown>[]> {
  const file = readWhole(path);
  let left = unpackedLimit(file.byteLength);
  const spend = (bytes: number) => {
    left -= bytes;
    if (!(left >= 0)) throw tooLarge(path, file.byteLength);
  };
  const metadata = parquetMetadata(file);
  const told = toldBytes(metadata);
  if (!(told <= left)) throw tooLarge(path, file.byteLength);
  const SNAPPY = (input: Uint8Array, length: number) => {
    spend(length);
    const output = new Uint8Array(length);
    snappyUncompress(input, output);
    return output;
  };
  return await parquetReadObjects({ file, metadata, compressors: { SNAPPY } });
}

/** Unpacked bytes of all columns and a byte for each value, as the file's metadata have them. */
function toldBytes({ num_rows, row_groups }: FileMetaData): number {
  const columns = row_groups.flatMap(({ columns }) => columns.flatMap(({ meta_data }) => meta_data ?? []));
  const bytes = columns.map(({ total_uncompressed_size, num_values }) => Number(total_uncompressed_size + num_values));
  return bytes.reduce((sum, size) => sum + size, Number(num_rows));
}

function readWhole(path: string): ArrayBuffer {
  try {
    refuseSpecialFile(path);
    return Deno.readFileSync(path).buffer;
  } catch (error) {
    throw explainIoError(error, path);
  }
}

function parquetFiles(folder: string): string[] {
  if (!isFolder(folder)) return [];
  return [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith(".parquet")).sort();
}
