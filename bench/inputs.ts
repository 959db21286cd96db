import { join } from "node:path";
import type { Encoder, Matrix } from "../encoders/encoder.ts";
import type { Embeddings } from "../encoders/embeddings/read.ts";
import type { LoadedTopics } from "../eval/topics.ts";

/** Rows of a query: what ColBERT's mask augmentation gives, and all engines expect. */
export const QUERY_ROWS = 32;

/** A query of {@link QUERY_ROWS} rows: its own, repeated. */
export function repeatRows({ data, rows, dim }: Matrix): Matrix {
  const repeated = new Float32Array(QUERY_ROWS * dim);
  for (let r = 0; r < QUERY_ROWS; r++) repeated.set(data.subarray((r % rows) * dim, (r % rows + 1) * dim), r * dim);
  return { data: repeated, rows: QUERY_ROWS, dim };
}

/** Queries' vectors as they are. */
export async function encodeTexts(encoder: Encoder, queries: readonly { readonly text: string }[]): Promise<Matrix[]> {
  const matrices: Matrix[] = [];
  for (const { text } of queries) matrices.push((await encoder.encodeQuery(text)).matrix);
  return matrices;
}

/** All queries of some topic sets, each of {@link QUERY_ROWS} rows. */
export async function encodeQueries(encoder: Encoder, topics: readonly LoadedTopics[]): Promise<Matrix[]> {
  return (await encodeTexts(encoder, topics.flatMap((set) => set.queries))).map(repeatRows);
}

/** Writes what engines of other languages read: all rows in one file, the lengths, and the queries. */
export function writeInputs(folder: string, { lengths, shards }: Embeddings, queries: readonly Matrix[]) {
  const names = {
    rows: join(folder, "all.rows"),
    lengths: join(folder, "all.lengths"),
    queries: join(folder, "queries.f32"),
  };
  Deno.mkdirSync(folder, { recursive: true });
  using rows = Deno.openSync(names.rows, { write: true, create: true, truncate: true });
  for (const { file } of shards) {
    const bytes = Deno.readFileSync(file);
    for (let at = 0; at < bytes.length;) at += rows.writeSync(bytes.subarray(at));
  }
  Deno.writeFileSync(names.lengths, new Uint8Array(lengths.slice().buffer));
  Deno.writeFileSync(names.queries, new Uint8Array(new Float32Array(queries.flatMap(({ data }) => [...data])).buffer));
  return names;
}
