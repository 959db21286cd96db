import { join } from "node:path";
import { parquetReadObjects } from "hyparquet";
import { z } from "zod";
import { writeAtomic } from "../support/atomic_write.ts";
import { badInput, explainIoError } from "../support/errors.ts";
import { isFolder } from "../support/paths.ts";

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
    writeAtomic(join(folder, `${part}.jsonl`), rows.map((row) => JSON.stringify(row) + "\n").join(""));
  }
  const judgements = await readRows(join(folder, "qrels"), judgement);
  const lines = judgements.map((row) => `${row["query-id"]}\t${row["corpus-id"]}\t1\n`);
  writeAtomic(join(folder, "qrels", "test.tsv"), `query-id\tcorpus-id\tscore\n${lines.join("")}`);
}

async function readRows<T>(folder: string, row: z.ZodType<T>): Promise<T[]> {
  const rows: T[] = [];
  for (const name of parquetFiles(folder)) {
    const path = join(folder, name);
    const read = await parquetReadObjects({ file: readWhole(path) }).catch((error: Error) => {
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

function readWhole(path: string): ArrayBuffer {
  try {
    return Deno.readFileSync(path).buffer;
  } catch (error) {
    throw explainIoError(error, path);
  }
}

function parquetFiles(folder: string): string[] {
  if (!isFolder(folder)) return [];
  return [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith(".parquet")).sort();
}
