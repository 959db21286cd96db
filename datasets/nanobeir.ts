import { join } from "node:path";
import { type FileMetaData, parquetMetadata, parquetReadObjects, snappyUncompress } from "hyparquet";
import { z } from "zod";
import { writeAtomic } from "../support/atomic_write.ts";
import { tooLarge } from "../support/decompress.ts";
import { badInput, LatebenchError, quote } from "../support/errors.ts";
import { unpackedLimit } from "../support/limits.ts";
import { readFile } from "../support/open_file.ts";
import { isFolder } from "../support/paths.ts";
import { SAFE_NAME, safeName } from "../support/safe_name.ts";
import { checkPages } from "./check_parquet.ts";
import { MAX_GRADE } from "./formats/qrels.ts";
import { checkId } from "./ids.ts";

const text = z.object({ _id: z.string(), title: z.string().nullish(), text: z.string() });

/** Whole numbers of Parquet are bigints. */
const grade = z.union([z.bigint(), z.number()]).transform(Number).pipe(z.int().min(-MAX_GRADE).max(MAX_GRADE));
const judgement = z.object({ "query-id": z.string(), "corpus-id": z.string(), score: grade.nullish() });

/** The parts of a set, each a folder of Parquet files. */
const PARTS = ["corpus", "queries", "qrels"] as const;

/** Whether a folder holds NanoBEIR as it is published: `corpus/`, `queries/` and `qrels/` with Parquet files. */
export function isNanoBeir(folder: string): boolean {
  return PARTS.every((part) => parquetFiles(join(folder, part)).length > 0);
}

/**
 * Writes NanoBEIR in BEIR's layout: `corpus.jsonl`, `queries.jsonl`, `qrels/test.tsv` (the published split is called `train`, and is a
 * test set; judgements without a `score` are 1). A set of its own is written into its folder; of a repository that holds several, one
 * split each (`NanoArguAna`, …), every split becomes a data set in a folder of its name.
 *
 * @returns the folders of the data sets
 * @throws {LatebenchError} for a file that is no Parquet, has other columns, or a split that not all three parts have
 */
export async function convertNanoBeir(folder: string): Promise<readonly string[]> {
  const splits = new Map(PARTS.map((part) => [part, splitsOf(join(folder, part))]));
  const names = [...splits.get("corpus")!.keys()];
  for (const part of PARTS) {
    const found = [...splits.get(part)!.keys()];
    if (found.join() !== names.join()) {
      throw badInput(join(folder, part), `the splits ${found.join(", ")}`, `those of corpus: ${names.join(", ")}`);
    }
  }
  const targets: string[] = [];
  for (const name of names) {
    const target = names.length === 1 ? folder : join(folder, name);
    const files = (part: typeof PARTS[number]) => splits.get(part)!.get(name)!;
    await convertSplit(target, files("corpus"), files("queries"), files("qrels"));
    targets.push(target);
  }
  return targets;
}

async function convertSplit(
  target: string,
  corpus: readonly string[],
  queries: readonly string[],
  qrels: readonly string[],
): Promise<void> {
  for (const [part, files] of [["corpus", corpus], ["queries", queries]] as const) {
    const rows = await readRows(files, text);
    for (const { _id } of rows) checkId(_id, files[0]);
    const lines = rows.map(({ _id, title, text }) => JSON.stringify({ _id, ...title ? { title } : {}, text }) + "\n");
    writeAtomic(join(target, `${part}.jsonl`), lines.join(""));
  }
  const judgements = await readRows(qrels, judgement);
  for (const row of judgements) {
    for (const id of [row["query-id"], row["corpus-id"]]) checkId(id, qrels[0]);
  }
  const lines = judgements.map((row) => `${row["query-id"]}\t${row["corpus-id"]}\t${row.score ?? 1}\n`);
  writeAtomic(join(target, "qrels", "test.tsv"), `query-id\tcorpus-id\tscore\n${lines.join("")}`);
}

/** Files by split: `NanoArguAna-00000-of-00001.parquet` is one of the split `NanoArguAna`. */
function splitsOf(folder: string): Map<string, readonly string[]> {
  const splits = new Map<string, string[]>();
  for (const file of parquetFiles(folder)) {
    const name = file.replace(/(?:-\d+-of-\d+)?\.parquet$/, "");
    if (!safeName.safeParse(name).success) {
      throw badInput(join(folder, file), `a split named ${quote(name)}`, SAFE_NAME);
    }
    const files = splits.get(name);
    if (files) files.push(join(folder, file));
    else splits.set(name, [join(folder, file)]);
  }
  return splits;
}

async function readRows<T extends z.ZodObject>(files: readonly string[], row: T): Promise<z.output<T>[]> {
  const rows: z.output<T>[] = [];
  for (const path of files) {
    const read = await readObjects(path, Object.keys(row.shape)).catch((error: Error) => {
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

/** Reads the `wanted` columns of all rows; neither what the file says of itself nor its pages may add up to more than a file of its size unpacks to. */
async function readObjects(path: string, wanted: readonly string[]): Promise<Record<string, unknown>[]> {
  const file = readFile(path).buffer;
  const most = unpackedLimit(file.byteLength);
  const metadata = parquetMetadata(file);
  const told = toldBytes(metadata);
  if (!(told <= most)) throw tooLarge(path, file.byteLength);
  const unpacker = () => {
    let left = most;
    return (input: Uint8Array, length: number) => {
      left -= length;
      if (!(left >= 0)) throw tooLarge(path, file.byteLength);
      const output = new Uint8Array(length);
      snappyUncompress(input, output);
      return output;
    };
  };
  const columns = wanted.filter((name) => metadata.schema.some((element) => element.name === name));
  checkPages(file, metadata, columns, unpacker());
  return await parquetReadObjects({ file, metadata, columns, compressors: { SNAPPY: unpacker() } });
}

/** Unpacked bytes of all columns and a byte for each value, as the file's metadata have them. */
function toldBytes({ num_rows, row_groups }: FileMetaData): number {
  const columns = row_groups.flatMap(({ columns }) => columns.flatMap(({ meta_data }) => meta_data ?? []));
  const bytes = columns.map(({ total_uncompressed_size, num_values }) => Number(total_uncompressed_size + num_values));
  return bytes.reduce((sum, size) => sum + size, Number(num_rows));
}

function parquetFiles(folder: string): string[] {
  if (!isFolder(folder)) return [];
  return [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => name.endsWith(".parquet")).sort();
}
